/** Segment files in memory, for programs that store nothing and for tests. */
import { MessageStoreError } from '../errors.ts';
import type { SegmentFiles } from './segment-files.ts';

/** Creates files that exist until the program ends. Nothing is sealed. */
export function createMemoryFiles(): SegmentFiles {
  const files = new Map<string, { readonly key: string; readonly blocks: readonly Uint8Array[] }>();
  return {
    async write({ file, key }, blocks) {
      files.set(file, { key, blocks: blocks.map((block) => block.slice()) });
    },
    async read({ file, key }, { index }) {
      const found = files.get(file);
      if (found === undefined) throw new MessageStoreError('missing', `There is no file ${file}.`);
      const block = found.key === key ? found.blocks[index] : undefined;
      if (block === undefined)
        throw new MessageStoreError('damaged', `There is no block ${index} of the file ${file}.`);
      return block.slice();
    },
    async removeOthers(isKept) {
      for (const file of files.keys()) if (!isKept(file)) files.delete(file);
    },
    async close() {},
  };
}
