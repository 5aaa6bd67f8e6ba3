export { chainReaders } from './chain-readers.ts';
export { createFolderBlobStore, type FolderBlobStore } from './folder-blob-store.ts';
