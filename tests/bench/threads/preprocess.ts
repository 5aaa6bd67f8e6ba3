/** What threads of a pool load before their first task. */
export { default } from './difference.ts';
