export { findSolveField, type SolveField } from './find-solve-field.ts';
export { runSolveField, type SolveFieldRequest } from './run-solve-field.ts';
