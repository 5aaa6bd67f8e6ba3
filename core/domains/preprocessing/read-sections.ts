import type { Plane } from '../../kernels/index.ts';
import type { Header } from '../observations/index.ts';
import { headerString } from '../observations/index.ts';

/** A box of pixels, zero-based, the ends excluded. */
export interface Section {
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
}

/** What part of a raw frame saw the sky, and the level of the part that did not. */
export interface ImageSections {
  readonly trim: Section;
  readonly overscan?: { readonly section: Section; readonly level: number } | undefined;
}

/** Parse an IRAF section like '[17:528,1:520]' (one-based, ends included); `undefined` if it is none. */
export function parseSection(text: string | undefined): Section | undefined {
  const match = /^\s*\[\s*(\d+)\s*:\s*(\d+)\s*,\s*(\d+)\s*:\s*(\d+)\s*\]\s*$/.exec(text ?? '');
  if (match === null) return undefined;
  const [xa, xb, ya, yb] = match.slice(1).map(Number) as [number, number, number, number];
  const section = {
    x0: Math.min(xa, xb) - 1,
    x1: Math.max(xa, xb),
    y0: Math.min(ya, yb) - 1,
    y1: Math.max(ya, yb),
  };
  return section.x0 < 0 || section.y0 < 0 ? undefined : section;
}

/**
 * Find the trim and overscan sections that a header names, if the frame still has them.
 *
 * Many reduced frames keep the keywords of the raw frame. They count only if the trim section fits inside the
 * frame, is smaller than it, and the overscan lies outside of it.
 */
export function findImageSections(header: Header, pixels: Plane): ImageSections | undefined {
  const trim = ['TRIMSEC', 'DATASEC']
    .map((keyword) => parseSection(headerString(header, keyword)))
    .find((section) => section !== undefined && isPart(section, pixels));
  if (trim === undefined) return undefined;
  const section = parseSection(headerString(header, 'BIASSEC'));
  if (section === undefined || !fits(section, pixels)) return { trim };
  const isApart =
    section.x1 <= trim.x0 || section.x0 >= trim.x1 || section.y1 <= trim.y0 || section.y0 >= trim.y1;
  if (!isApart) return { trim };
  const values: number[] = [];
  for (let y = section.y0; y < section.y1; y++) {
    for (let x = section.x0; x < section.x1; x++) {
      const value = pixels.data[y * pixels.width + x]!;
      if (Number.isFinite(value)) values.push(value);
    }
  }
  if (values.length === 0) return { trim };
  const level = values.sort((a, b) => a - b)[values.length >> 1]!;
  return { trim, overscan: { section, level } };
}

/** Whether a section is inside the frame, smaller than it, and most of it: what a raw frame's trim section is. */
function isPart(section: Section, pixels: Plane): boolean {
  const width = section.x1 - section.x0;
  const height = section.y1 - section.y0;
  const isWhole = width === pixels.width && height === pixels.height;
  return fits(section, pixels) && !isWhole && width >= pixels.width / 2 && height >= pixels.height / 2;
}

function fits(section: Section, pixels: Plane): boolean {
  return (
    section.x1 <= pixels.width &&
    section.y1 <= pixels.height &&
    section.x1 > section.x0 &&
    section.y1 > section.y0
  );
}
