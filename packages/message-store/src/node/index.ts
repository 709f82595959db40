/** The files of a message store on Node. */
export { openSegmentFolder } from './segment-folder.ts';
