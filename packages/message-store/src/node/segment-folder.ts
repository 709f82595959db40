/**
 * Segment files in a folder. A block is sealed with AES-256-GCM under the key of its file, which no other file has; its nonce is the number of
 * the block, and the name of the file is authenticated with it. So a block cannot be altered, nor stand in another place.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { join } from 'node:path';
import { codeOf, filesIn, makeDirectorySynced, removeSynced, writeNewSynced } from '@chat/durable-files';
import { MessageStoreError } from '../errors.ts';
import type { Block, FileKey, SegmentFiles } from '../files/segment-files.ts';
import { OpenFiles } from './open-files.ts';

const cipher = 'aes-256-gcm';
const tagBytes = 16;
const nonceBytes = 12;
/** Blocks are sealed and written in pieces of about this size. Other work goes on between them. */
const pieceBytes = 256 * 1024;
/** What else is in the folder is not the store's, and stays. */
const segmentName = /^[0-9a-f]{32}$/;
/** Errors that say nothing of the file, because another one would lead to them too. */
const scarcities: ReadonlySet<string | null> = new Set(['EMFILE', 'ENFILE', 'ENOMEM']);

function nonceOf(index: number): Buffer {
  const nonce = Buffer.alloc(nonceBytes);
  nonce.writeUInt32BE(index, nonceBytes - 4);
  return nonce;
}

const keyOf = ({ key }: FileKey): Buffer => Buffer.from(key, 'base64url');
const nameOf = ({ file }: FileKey): Buffer => Buffer.from(`chat/1 messages ${file}`);

function seal(file: FileKey, index: number, block: Uint8Array): readonly Buffer[] {
  const sealing = createCipheriv(cipher, keyOf(file), nonceOf(index));
  sealing.setAAD(nameOf(file));
  return [sealing.update(block), sealing.final(), sealing.getAuthTag()];
}

function* sealedPieces(file: FileKey, blocks: readonly Uint8Array[]): Generator<Uint8Array> {
  let piece: Buffer[] = [];
  let size = 0;
  for (const [index, block] of blocks.entries()) {
    piece.push(...seal(file, index, block));
    size += block.length + tagBytes;
    if (size < pieceBytes) continue;
    yield Buffer.concat(piece);
    [piece, size] = [[], 0];
  }
  yield Buffer.concat(piece);
}

function unseal(file: FileKey, index: number, sealed: Buffer): Uint8Array {
  const opening = createDecipheriv(cipher, keyOf(file), nonceOf(index), { authTagLength: tagBytes });
  opening.setAAD(nameOf(file));
  opening.setAuthTag(sealed.subarray(-tagBytes));
  const block = opening.update(sealed.subarray(0, -tagBytes));
  // It throws for an altered block, and has no further bytes in this mode.
  opening.final();
  return block;
}

/** Opens the folder with the files of a message store. It is created with the first file. */
export function openSegmentFolder(directory: string): SegmentFiles {
  const failure = (code: 'missing' | 'damaged' | 'unreadable', { file }: FileKey, cause?: unknown) =>
    new MessageStoreError(code, `The file ${join(directory, file)} is ${code}.`, { cause });

  const open = new OpenFiles();

  async function readBytes(file: FileKey, position: number, length: number): Promise<Buffer> {
    const bytes = await open.read(join(directory, file.file), position, length).catch((error: unknown) => {
      if (scarcities.has(codeOf(error))) throw error;
      throw failure(codeOf(error) === 'ENOENT' ? 'missing' : 'unreadable', file, error);
    });
    if (bytes.length < length) throw failure('damaged', file);
    return bytes;
  }

  return {
    async write(file, blocks) {
      await makeDirectorySynced(directory);
      await writeNewSynced(join(directory, file.file), sealedPieces(file, blocks));
    },
    async read(file, { index, offset, bytes }: Block) {
      const sealed = await readBytes(file, offset + index * tagBytes, bytes + tagBytes);
      try {
        return unseal(file, index, sealed);
      } catch (cause) {
        throw failure('damaged', file, cause);
      }
    },
    async removeOthers(isKept) {
      const files = await filesIn(directory);
      // After the listing: a file of the list that is being written now is known already, because its name came before it.
      const others = files.filter((name) => segmentName.test(name) && !isKept(name));
      // An open file would keep its bytes on the disk.
      open.forget(others.map((name) => join(directory, name)));
      await removeSynced(directory, others);
    },
    close: () => open.close(),
  };
}
