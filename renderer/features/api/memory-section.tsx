import { useChangeSetting, useSettings } from '../../api/settings.ts';
import { formatMebibytes } from '../../ui/format.ts';
import { useCanvasStatus } from '../../viewer/index.ts';
import { SettingRow, Slider } from './setting-row.tsx';

/** What images may cost. */
export function MemorySection() {
  const images = useSettings()?.images;
  const change = useChangeSetting();
  const { residentBytes } = useCanvasStatus();
  if (images === undefined) return null;
  return (
    <>
      <SettingRow
        name="Image tiles on the graphics card"
        note={`Tiles seen last stay; ${formatMebibytes(residentBytes)} are there now. More lets larger images be moved about without waiting.`}
      >
        <Slider
          name="Image tiles on the graphics card"
          min={128}
          max={1024}
          step={64}
          value={images.gpuTilesMiB}
          unit="MiB"
          onChange={(gpuTilesMiB) => change('images', (was) => ({ ...was, gpuTilesMiB }))}
        />
      </SettingRow>
      <SettingRow
        name="Cutouts in memory"
        note={`About ${Math.floor((images.cutoutsMiB * 2 ** 20) / 110_000)} candidates that need not be fetched again while labelling.`}
      >
        <Slider
          name="Cutouts in memory"
          min={32}
          max={1024}
          step={32}
          value={images.cutoutsMiB}
          unit="MiB"
          onChange={(cutoutsMiB) => change('images', (was) => ({ ...was, cutoutsMiB }))}
        />
      </SettingRow>
    </>
  );
}
