/** What backups need of Node: their encryption, and the files of the messages as they stand on the disk. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '@chat/protocol';
import type { BackupCipher } from '../../recovery/backup-format.ts';
import type { BackupSupport } from '../../recovery/client-recovery.ts';
import { profilePaths } from '../profile-paths.ts';

const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/**
 * Creates the encryption of backups: AES-256-GCM under a random nonce, with the context as additional data, and names by HMAC-SHA-256.
 *
 * @param key of 32 bytes in base64url
 */
export function createBackupCipher(key: string): BackupCipher {
  const derive = (purpose: string): Buffer =>
    Buffer.from(hkdfSync('sha256', Buffer.from(key, 'base64url'), Buffer.alloc(0), `chat/1 recovery ${purpose}`, 32));
  const [sealing, naming] = [derive('chunks'), derive('names')];
  return {
    nameOf: (what) => createHmac('sha256', naming).update(what).digest(),
    seal(bytes, context) {
      const nonce = randomBytes(nonceBytes);
      const sealed = createCipheriv(cipher, sealing, nonce);
      sealed.setAAD(context);
      return Buffer.concat([nonce, sealed.update(bytes), sealed.final(), sealed.getAuthTag()]);
    },
    open(sealed, context) {
      if (sealed.length < nonceBytes + tagBytes) return null;
      const opening = createDecipheriv(cipher, sealing, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes });
      opening.setAAD(context);
      opening.setAuthTag(sealed.subarray(-tagBytes));
      try {
        return Buffer.concat([opening.update(sealed.subarray(nonceBytes, -tagBytes)), opening.final()]);
      } catch {
        return null;
      }
    },
  };
}

const orGone = (error: unknown): null => {
  if (codeOf(error) === 'ENOENT') return null;
  throw error;
};

async function readPiece(path: string, position: number, length: number): Promise<Uint8Array | null> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return bytesRead === length ? buffer : null;
}

/** Returns what the backups of a profile need. */
export function backupSupport(directory: string): BackupSupport {
  const { messages } = profilePaths(directory);
  return {
    cipherOf: createBackupCipher,
    segments: {
      size: (file) => stat(join(messages, file)).then(({ size }) => size, orGone),
      read: (file, position, length) => readPiece(join(messages, file), position, length).catch(orGone),
    },
  };
}
