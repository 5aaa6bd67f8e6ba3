export { streamParquet } from './stream-parquet.ts';
