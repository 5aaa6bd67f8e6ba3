export { parseVotable } from './parse-votable.ts';
export { parseCsv, readCsv, type WantedColumn } from './read-csv.ts';
