import { basename } from 'node:path';
import { implement } from '@orpc/server';
import { contract, type HeaderCard } from '../contract/index.ts';
import type { Asking, Services } from '../ports.ts';

const os = implement(contract.observations).$context<Asking>();

/** Answer what is asked of FITS files that are looked at without being ingested. */
export function answerObservations({ images, observations }: Services) {
  return {
    listObservations: os.listObservations.handler(async ({ input }) => {
      const page = await observations.list(input);
      return { ...page, items: [...page.items] };
    }),
    openImage: os.openImage.handler(async ({ input }) => {
      const { problem, hdus, ...facts } = await images.open(input.path);
      return {
        ...facts,
        name: basename(input.path),
        hdus: hdus.map(({ shape, physical, ...hdu }) => ({
          ...hdu,
          shape: [...shape],
          physical: physical && {
            scale: [...physical.scale] as [number, number],
            offset: [...physical.offset] as [number, number],
          },
        })),
        problem: problem && { code: problem.code, message: problem.message },
      };
    }),
    readHeader: os.readHeader.handler(async ({ input }) => {
      const cards = await images.readHeader(input.path, input.hdu);
      const wanted = input.search?.trim().toUpperCase() ?? '';
      const matching = wanted === '' ? cards : cards.filter((card) => mentions(card, wanted));
      return {
        cards: matching
          .slice(input.offset, input.offset + input.limit)
          .map(({ keyword, value, raw, comment }) => ({ keyword, value: raw ?? value, comment })),
        matched: matching.length,
        total: cards.length,
      };
    }),
    readSky: os.readSky.handler(async ({ input }) => {
      const sky = await images.readSky(input.path, input.hdu);
      return { ...sky, raDeg: [...sky.raDeg], decDeg: [...sky.decDeg] };
    }),
  };
}

function mentions({ keyword, value, comment }: HeaderCard, wanted: string): boolean {
  return (
    keyword.includes(wanted) ||
    String(value ?? '')
      .toUpperCase()
      .includes(wanted) ||
    (comment?.toUpperCase().includes(wanted) ?? false)
  );
}
