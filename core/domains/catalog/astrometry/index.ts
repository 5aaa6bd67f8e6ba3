export { type AstrometryConfig, DEFAULT_ASTROMETRY } from './config.ts';
export type { FieldSolution, QuadrantOffset } from './fit-solution.ts';
export { coneOfHint, type FieldHint, hintOfWcs, type SolveInput, solveField } from './solve-field.ts';
