import type { RegionFrame, SkyNotation } from '../../../core/api/contract/index.ts';
import { announce } from '../../ui/announce.ts';
import { chooseTextFile, saveFile } from './files.ts';
import { exportRegions, importRegions, type RegionSystem } from './region-document.ts';
import { currentHistory, editRegions, newRegionId } from './region-store.ts';

/** Let the person choose a region file and put its shapes on the images. */
export async function openRegions(frame: RegionFrame): Promise<void> {
  const file = await chooseTextFile('.reg,.ds9,.txt');
  if (file === undefined) return;
  const { entries, placed, unplaced } = importRegions(file.text, frame, newRegionId);
  if (entries.length === 0) {
    announce(`${file.name} holds no regions`);
    return;
  }
  editRegions((document) => ({ entries: [...document.entries, ...entries], selectedId: undefined }));
  announce(
    `${placed} ${placed === 1 ? 'region' : 'regions'} from ${file.name}${
      unplaced === 0 ? '' : `; ${unplaced} without a place here are kept and written again`
    }`,
  );
}

/** Write the regions of the field as a DS9 file. */
export function saveRegions(
  name: string,
  frame: RegionFrame,
  system: RegionSystem,
  notation: SkyNotation,
): void {
  const text = exportRegions(currentHistory().present, frame, system, notation);
  saveFile(`${name}.reg`, new Blob([text], { type: 'text/plain' }));
}
