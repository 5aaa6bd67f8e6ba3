export type { ArchiveOptions, Fetch } from './fetch-text.ts';
export { fetchGaiaCone } from './gaia.ts';
export { parseVotable } from './parse-votable.ts';
export { parseCsv, readCsv, type WantedColumn } from './read-csv.ts';
export { fetchMovingObjects } from './skybot.ts';
export { fetchVizierCone } from './vizier.ts';
