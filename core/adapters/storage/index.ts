export {
  type BucketAddress,
  type BucketBlob,
  type BucketStore,
  type BucketTuning,
  openBucket,
  type Pace,
} from './bucket-store.ts';
export { chainReaders } from './chain-readers.ts';
export { createFolderBlobStore, type FolderBlobStore, joinFolderBlobStore } from './folder-blob-store.ts';
export { type Arrival, type BlobSource, createLazyBlobs, type LazyBlobs } from './lazy-blobs.ts';
export { limitBandwidth } from './limit-bandwidth.ts';
