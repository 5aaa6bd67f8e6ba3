import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { ImageFile, ImageHdu } from '../../core/api/contract/index.ts';
import { type PlaneAddress, type PlaneState, usePlane } from '../viewer/index.ts';
import { client } from './client.ts';
import { describeDroppedFile, findDroppedFile, isDropped } from './dropped-file.ts';
import type { FieldPlane, FieldPlanes } from './field-planes.ts';

/** While a gzipped file is unpacked it is asked for this often, ms. */
const UNPACKING_MS = 250;

/** What is in a FITS file that is looked at; asked again while it is unpacked. */
export function useImageFile(path: string) {
  return useQuery({
    queryKey: ['image', path],
    queryFn: ({ signal }): Promise<ImageFile> =>
      isDropped(path) ? describeDroppedFile(path) : client.observations.openImage({ path }, { signal }),
    // The file may have changed on the disk since it was looked at last.
    staleTime: 0,
    retry: false,
    refetchInterval: ({ state }) => (state.data?.unpacking === undefined ? false : UNPACKING_MS),
  });
}

/** The sky over one image of a file. */
export function useImageSky(file: ImageFile | undefined, hdu: ImageHdu | undefined) {
  return useQuery({
    queryKey: ['image-sky', file?.path, file?.revision, hdu?.index],
    queryFn: ({ signal }) => client.observations.readSky({ path: file!.path, hdu: hdu!.index }, { signal }),
    enabled: hdu?.sky !== undefined,
  });
}

/** Where the pixels of one slice of an image are. */
export function addressOfImage(file: ImageFile, hdu: ImageHdu, slice: number): PlaneAddress {
  const query = new URLSearchParams({
    path: file.path,
    hdu: String(hdu.index),
    slice: String(slice),
    revision: file.revision,
  });
  const { width, height } = hdu;
  return { id: `${file.revision}/${hdu.index}/${slice}`, url: `/pixels?${query}`, width, height };
}

/** The pixels of one slice, as a field of one image; the slices beside it are fetched too. */
export function useImagePlanes(
  file: ImageFile | undefined,
  hdu: ImageHdu | undefined,
  slice: number,
): FieldPlanes {
  const queries = useQueryClient();
  const dropped = useDroppedPlane(file, hdu, slice);
  const addressOf = (at: number): PlaneAddress | undefined =>
    file === undefined || isDropped(file.path) || hdu === undefined || at < 0 || at >= hdu.planes
      ? undefined
      : addressOfImage(file, hdu, at);
  const address = addressOf(slice);
  const state = usePlane(address);
  const isReady = state?.kind === 'ready';
  usePlane(isReady ? addressOf(slice + 1) : undefined);
  usePlane(isReady ? addressOf(slice - 1) : undefined);
  const plane: FieldPlane | undefined =
    dropped ??
    (address && {
      id: address.id,
      unit: hdu?.unit ?? '',
      state: state ?? STARTING,
      // A file that was written again has another revision, and no pixel is at the address of the old one.
      findAgain: () => void queries.invalidateQueries({ queryKey: ['image', file?.path] }),
    });
  return { science: plane, template: undefined, difference: undefined, score: undefined };
}

const STARTING: PlaneState = { kind: 'loading', loadedBytes: 0, totalBytes: 0 };

/** One slice of a file that was dropped on the window; `undefined` for any other file. */
function useDroppedPlane(
  file: ImageFile | undefined,
  hdu: ImageHdu | undefined,
  slice: number,
): FieldPlane | undefined {
  const path = file?.path;
  const isLocal = path !== undefined && isDropped(path);
  const query = useQuery({
    queryKey: ['dropped-plane', path, hdu?.index, slice],
    queryFn: async () => {
      const local = findDroppedFile(path!);
      const found = (await local?.hdus)?.find(({ index }) => index === hdu!.index);
      return (found && (await local!.readPlane(found, slice))) ?? null;
    },
    enabled: isLocal && hdu !== undefined,
    // Pixels are large: only what is shown is kept.
    gcTime: 0,
    retry: false,
  });
  if (!isLocal || hdu === undefined) return undefined;
  const state: PlaneState = query.isError
    ? { kind: 'failed', message: query.error.message }
    : query.data
      ? { kind: 'ready', source: query.data }
      : STARTING;
  return { id: `${path}/${hdu.index}/${slice}`, unit: hdu.unit, state };
}
