/** A rectangle of a plane, thinned or averaged. */
export interface PixelsQuery {
  readonly x?: number | undefined;
  readonly y?: number | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly step?: number | undefined;
  readonly stepY?: number | undefined;
  readonly reduce?: 'nearest' | 'mean' | undefined;
  /** Side of blocks: all pixels are looked at. */
  readonly survey?: number | undefined;
  readonly lo?: number | undefined;
  readonly hi?: number | undefined;
}

/** The address of a rectangle of the plane at an address. */
export function pixelsUrl(url: string, query: PixelsQuery): string {
  const parts = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}`);
  return parts.length === 0 ? url : `${url}${url.includes('?') ? '&' : '?'}${parts.join('&')}`;
}
