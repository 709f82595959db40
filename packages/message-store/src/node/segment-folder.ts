/**
 * Segment files in a folder. A block is sealed with AES-256-GCM under the key of its file, which no other file has; its nonce is the number of
 * the block, and the name of the file is authenticated with it. So a block cannot be altered, nor stand in another place.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { mkdir, open, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { removeSynced, syncDirectory, writeSynced } from '@chat/durable-files';
import { MessageStoreError } from '../errors.ts';
import type { Block, FileKey, SegmentFiles } from '../files/segment-files.ts';

const cipher = 'aes-256-gcm';
const tagBytes = 16;
const nonceBytes = 12;

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

function unseal(file: FileKey, index: number, sealed: Buffer): Uint8Array {
  const opening = createDecipheriv(cipher, keyOf(file), nonceOf(index), { authTagLength: tagBytes });
  opening.setAAD(nameOf(file));
  opening.setAuthTag(sealed.subarray(-tagBytes));
  return Buffer.concat([opening.update(sealed.subarray(0, -tagBytes)), opening.final()]);
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : null);

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Opens the folder with the files of a message store. It is created with the first file. */
export function openSegmentFolder(directory: string): SegmentFiles {
  const damaged = ({ file }: FileKey, cause?: unknown) =>
    new MessageStoreError('damaged', `The file ${join(directory, file)} is missing or damaged.`, { cause });

  async function readBytes(file: FileKey, position: number, length: number): Promise<Buffer> {
    const handle = await open(join(directory, file.file)).catch((error: unknown) => {
      throw codeOf(error) === 'ENOENT' ? damaged(file, error) : error;
    });
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, position);
      if (bytesRead < length) throw damaged(file);
      return buffer;
    } finally {
      await handle.close();
    }
  }

  return {
    async write(file, blocks) {
      if ((await mkdir(directory, { recursive: true, mode: 0o700 })) !== undefined) {
        await syncDirectory(dirname(directory));
      }
      await writeSynced(
        join(directory, file.file),
        Buffer.concat(blocks.flatMap((block, index) => seal(file, index, block))),
      );
      await syncDirectory(directory);
    },
    async read(file, { index, offset, bytes }: Block) {
      const sealed = await readBytes(file, offset + index * tagBytes, bytes + tagBytes);
      try {
        return unseal(file, index, sealed);
      } catch (cause) {
        throw damaged(file, cause);
      }
    },
    async removeOthers(kept) {
      const others = (await namesIn(directory)).filter((name) => !kept.has(name));
      if (others.length > 0) await removeSynced(directory, others);
    },
    async close() {},
  };
}
