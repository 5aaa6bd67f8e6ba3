export { buildQuadIndex, type QuadIndex } from './build-quad-index.ts';
export { type AstrometryConfig, DEFAULT_ASTROMETRY } from './config.ts';
export { fitLattice } from './fit-lattice.ts';
export type { FieldSolution, QuadrantOffset } from './fit-solution.ts';
export { type FieldProposal, proposeFields } from './propose-fields.ts';
export { solveBlind } from './solve-blind.ts';
export {
  coneOfHint,
  type FieldHint,
  hintOfWcs,
  holdsImage,
  type SolveInput,
  solveField,
} from './solve-field.ts';
