export { type DataFile, readDataProject, type WrittenData, writeDataProject } from './data-project.ts';
