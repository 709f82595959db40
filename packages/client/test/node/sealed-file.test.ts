/** The file of a profile's state: its key comes from the secret of the key file, and a file of an earlier version opens. */
import { createHmac, scryptSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fernet } from '@chat/fernet';
import { rejectedCode, temporaryFolder } from '@chat/testkit';
import { beforeEach, expect, test } from 'vitest';
import { createSealedFile, openSealedFile } from '../../src/node/sealed-file.ts';
import { emptyStored, type Stored } from '../../src/storage/stored-state.ts';

const secret = new Uint8Array(32).fill(7);
const password = 'correct horse battery';
const stored: Stored = { ...emptyStored, knocked: { ['1'.repeat(64)]: 'lobby' } };
let path: string;

beforeEach(() => {
  path = join(temporaryFolder().path, 'state.sealed');
});

/** HKDF-SHA-256 (RFC 5869) with an output of one block. */
function hkdf(key: Uint8Array, salt: Uint8Array, info: string): Buffer {
  const extracted = createHmac('sha256', salt).update(key).digest();
  return createHmac('sha256', extracted).update(info).update(Uint8Array.of(1)).digest();
}

/** Writes the file as the version before did. Returns the key of its archive. */
async function writeEarlierFile(): Promise<Buffer> {
  const [cost, salt] = [{ N: 2 ** 15, r: 8, p: 1 }, Buffer.alloc(16, 3)];
  const key = scryptSync(password, salt, 32, { ...cost, maxmem: 2 ** 27 });
  const token = new Fernet(key).encrypt(JSON.stringify(stored));
  const content = { v: 1, kdf: { name: 'scrypt', ...cost }, salt: salt.toString('base64url'), token };
  await writeFile(path, JSON.stringify(content));
  return hkdf(key, salt, 'chat/1 archive');
}

test('opens with the secret of the key file alone, without another derivation from the password', async () => {
  const { vault, archiveKey } = await createSealedFile(path, secret, emptyStored);
  await vault.save(stored);
  const opened = await openSealedFile(path, { secret, password: 'not used' });
  expect(opened.stored).toEqual(stored);
  expect(opened.archiveKey).toEqual(new Uint8Array(archiveKey));
});

test('does not open with another secret', async () => {
  await createSealedFile(path, secret, stored);
  const other = secret.with(0, 8);
  expect(await rejectedCode(openSealedFile(path, { secret: other, password }))).toBe('profile-damaged');
});

test('has a key of its own, so the secret itself does not decrypt it', async () => {
  await createSealedFile(path, secret, stored);
  const { token } = JSON.parse(await readFile(path, 'utf8')) as { token: string };
  expect(() => new Fernet(secret).decryptText(token)).toThrow();
  expect(new Fernet(hkdf(secret, Buffer.alloc(0), 'chat/1 state')).decryptText(token)).toContain('lobby');
});

test('opens the file of an earlier version, and writes it anew under the secret with the key of its archive', async () => {
  const archiveKey = await writeEarlierFile();
  const opened = await openSealedFile(path, { secret, password });
  expect(opened.stored).toEqual(stored);
  expect(Buffer.from(opened.archiveKey)).toEqual(archiveKey);
  await opened.vault.save(opened.stored);
  const again = await openSealedFile(path, { secret, password: 'not used' });
  expect(again.stored).toEqual(stored);
  expect(Buffer.from(again.archiveKey)).toEqual(archiveKey);
});

test('reports a file of an earlier version that another password has sealed, and leaves it as it is', async () => {
  await writeEarlierFile();
  const before = await readFile(path, 'utf8');
  expect(await rejectedCode(openSealedFile(path, { secret, password: 'another' }))).toBe('profile-damaged');
  expect(await readFile(path, 'utf8')).toBe(before);
});
