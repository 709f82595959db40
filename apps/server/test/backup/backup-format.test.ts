/** The file of a backup: what it gives back, and that no damage of it passes. */
import type { FileHandle } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { longTest, rejectedCode } from '@chat/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type BackedUpName,
  backedUpNames,
  backupBytes,
  type Contents,
  readBackup,
} from '../../src/backup/backup-format.ts';

const named = (files: Readonly<Partial<Record<BackedUpName, Uint8Array>>>): Contents => ({
  ...{ madeAt: 1_700_000_000_000, ca: 'a'.repeat(64), rooms: 1, entries: 2, accounts: 3 },
  files: backedUpNames.flatMap((name) => {
    const bytes = files[name]?.length;
    return bytes === undefined ? [] : [{ name, bytes }];
  }),
});

const filesOf = (store: Uint8Array, list: Uint8Array | null) => ({
  'ca.pem': Buffer.from('certificate'),
  'ca-key.pem': Buffer.from('key'),
  ...(list === null ? {} : { 'ca.crl': list }),
  'server.json': Buffer.from('{}\n'),
  'chat.db': store,
});
type Files = ReturnType<typeof filesOf>;

async function bytesOf(files: Files, password: string | null): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  const source = (name: BackedUpName) => [files[name as keyof Files] ?? new Uint8Array()];
  for await (const piece of backupBytes(named(files), source, password)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Returns what is in a backup. */
async function read(bytes: Uint8Array, password: string | null) {
  const readAt = async (to: Buffer, offset: number, length: number, position: number) => {
    const piece = bytes.subarray(position, position + length);
    to.set(piece, offset);
    return { buffer: to, bytesRead: piece.length };
  };
  const file = { read: readAt } as unknown as FileHandle;
  const found: Partial<Record<BackedUpName, Buffer>> = {};
  const contents = await readBackup({ file, path: 'backup', password }, async (name, content) => {
    found[name] = await buffer(content);
  });
  return { contents, found };
}

test('a backup gives back every file as it was', async () => {
  const bytes = fc.uint8Array({ maxLength: 200_000, size: 'max' });
  await fc.assert(
    fc.asyncProperty(bytes, fc.option(bytes), async (store, list) => {
      const files = filesOf(store, list);
      const { contents, found } = await read(await bytesOf(files, null), null);
      expect(contents).toEqual(named(files));
      for (const [name, content] of Object.entries(files)) {
        expect(found[name as BackedUpName]?.equals(content)).toBe(true);
      }
    }),
    { numRuns: 20 },
  );
});

test('no changed byte, no missing end and nothing added passes', async () => {
  const sound = await bytesOf(filesOf(Buffer.from('rooms and accounts'), null), null);
  for (let at = 0; at < sound.length; at++) {
    const changed = Buffer.from(sound);
    changed[at] = (changed[at] ?? 0) ^ 1;
    // Another number of the version is a backup of another version.
    expect(['backup-damaged', 'data-too-new'], `byte ${at}`).toContain(await rejectedCode(read(changed, null)));
    expect(await rejectedCode(read(sound.subarray(0, at), null)), `cut at ${at}`).toBe('backup-damaged');
  }
  expect(await rejectedCode(read(Buffer.concat([sound, Buffer.from('\n')]), null))).toBe('backup-damaged');
});

longTest('an encrypted backup shows nothing, opens with its password, and no changed byte of it passes', async () => {
  const files = filesOf(Buffer.alloc(100_000, 'secret names '), null);
  const sound = await bytesOf(files, 'correct horse');
  expect(sound.includes('secret')).toBe(false);
  expect(sound.includes('server.json')).toBe(false);
  expect((await read(sound, 'correct horse')).found['chat.db']?.equals(files['chat.db'])).toBe(true);
  expect(await rejectedCode(read(sound, null))).toBe('backup-password');
  expect(await rejectedCode(read(sound, 'wrong horse'))).toBe('backup-password');
  // In the salt, in the first chunk, in the last one, and one byte less.
  const change = (at: number) => {
    const changed = Buffer.from(sound);
    changed[at] = (changed[at] ?? 0) ^ 1;
    return changed;
  };
  const salted = Buffer.from(sound);
  // Another character that a salt can have.
  salted.write(salted[30] === 0x41 ? 'B' : 'A', 30);
  expect(await rejectedCode(read(salted, 'correct horse'))).toBe('backup-password');
  expect(await rejectedCode(read(change(9_000), 'correct horse'))).toBe('backup-password');
  expect(await rejectedCode(read(change(sound.length - 40), 'correct horse'))).toBe('backup-damaged');
  expect(await rejectedCode(read(sound.subarray(0, -1), 'correct horse'))).toBe('backup-damaged');
});

test('a backup of a later version, or with files that none may have, is refused', async () => {
  const text = (line: object) => Buffer.from(`chat-server backup 1\n${JSON.stringify(line)}\n`);
  const { files } = named(filesOf(Buffer.from(''), null));
  expect(await rejectedCode(read(Buffer.from('chat-server backup 2\n'), null))).toBe('data-too-new');
  const whole = named(filesOf(Buffer.from(''), null));
  for (const wrong of [
    [...files, { name: '../chat.db', bytes: 1 }],
    files.filter(({ name }) => name !== 'ca-key.pem'),
    [...files, { name: 'chat.db', bytes: 0 }],
    [...files].reverse(),
  ]) {
    expect(await rejectedCode(read(text({ ...whole, files: wrong }), null))).toBe('backup-damaged');
  }
});
