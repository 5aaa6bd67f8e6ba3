export { makeMaskPlane, makePlane } from './plane.ts';
export type { MaskPlane, Plane } from './plane.ts';
