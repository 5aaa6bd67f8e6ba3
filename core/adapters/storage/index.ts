export {
  type BucketAddress,
  type BucketBlob,
  type BucketStore,
  type BucketTuning,
  openBucket,
} from './bucket-store.ts';
export { chainReaders } from './chain-readers.ts';
export { createFolderBlobStore, type FolderBlobStore } from './folder-blob-store.ts';
export { limitBandwidth } from './limit-bandwidth.ts';
