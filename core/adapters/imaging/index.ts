export type { FitsDescription, HduDescription } from './describe-fits.ts';
export { describeFits } from './describe-fits.ts';
export type { ImageCompression, ImageToWrite } from './encode-image.ts';
export type { PixelArray } from './encode-pixels.ts';
export type { ColumnToWrite, TableToWrite } from './encode-table.ts';
export { ImageFiles } from './image-files.ts';
export type {
  ColumnKind,
  ColumnValues,
  FitsArray,
  FitsImage,
  FitsOverview,
  FitsTable,
  FixedColumn,
  HduKind,
  HduSelector,
  HduSummary,
  PixelRegion,
  ReadImageOptions,
  TableColumn,
  VariableColumn,
} from './model.ts';
export { FitsFile, openFits, openFitsBytes } from './open-fits.ts';
export { encodePng } from './png.ts';
export { fingerprintFile, parseImageName, readExposure, readExposureTask } from './read-exposure.ts';
export { createFileReader, type FileReader } from './read-file.ts';
export { columnNumbers, tableColumn } from './select-table.ts';
export { streamFitsTable } from './stream-table.ts';
export type { FitsFinding, FitsVerification } from './verify-fits.ts';
export { verifyFits, verifyFitsBytes } from './verify-fits.ts';
export { type HduToWrite, type HeaderToWrite, writeFits, writeFitsBytes } from './write-fits.ts';
