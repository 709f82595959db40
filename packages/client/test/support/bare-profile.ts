/** A profile on the disk that no server knows, and what a password opens of one. */
import { createPrivateKey, hkdfSync } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Fernet } from '@chat/fernet';
import { certificateFingerprint, createCA } from '@chat/mini-ca';
import { createSerializedKeys, exportPlainPrivateKey, unlockKeyFile } from '@chat/signatures';
import { temporaryFolder } from '@chat/testkit';
import { listProfiles, type ProfileSummary } from '../../src/node/index.ts';
import { writeProfile } from '../../src/node/profile-files.ts';
import { profileDirectory, profilePaths } from '../../src/node/profile-paths.ts';
import { createSealedFile } from '../../src/node/sealed-file.ts';
import type { Stored } from '../../src/storage/stored-state.ts';

const ca = createCA().certificate;

/** Returns the same key in a file whose password costs little to guess at: PBKDF2 with 2,048 rounds. */
function cheapKeyFile(pem: string, password: string): string {
  const key = createPrivateKey(exportPlainPrivateKey(pem, password, 'pem'));
  return key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: password }).toString();
}

/** What `bareProfile` needs. */
export interface BareProfile {
  /** The directory of all profiles. */
  readonly home: string;
  readonly user: string;
  readonly password: string;
  readonly stored: Stored;
  /** True for a key file whose password costs little to guess at. */
  readonly isCheap?: boolean;
}

/** Creates a profile. */
export async function bareProfile({ home, user, password, stored, isCheap = false }: BareProfile) {
  const serverId = certificateFingerprint(ca);
  const directory = profileDirectory(home, user, serverId);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const paths = profilePaths(directory);
  const { privatePem } = createSerializedKeys(password);
  const pem = isCheap ? cheapKeyFile(privatePem, password) : privatePem;
  const { secret } = await unlockKeyFile(pem, password);
  await writeFile(paths.identity, pem);
  await writeFile(paths.authority, ca);
  await createSealedFile(paths.state, secret, stored);
  await writeProfile(directory, { v: 1, user, host: '127.0.0.1', port: 9, authority: serverId, enrolled: true });
  const profile = (await listProfiles(home)).find((each) => each.user === user);
  if (profile === undefined) throw new Error('the profile is not listed');
  return profile;
}

/** Creates a profile of bob below a new folder, and names a file for its export there. */
export async function exportableProfile(password: string, stored: Stored) {
  const folder = temporaryFolder().path;
  const profile = await bareProfile({ home: join(folder, 'old'), user: 'bob', password, stored });
  return { folder, profile, file: join(folder, 'bob.export') };
}

/** Returns the paths of all files below a folder. */
export async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

const opens = (key: Fernet, token: string): boolean => {
  try {
    return key.decryptText(token) !== '';
  } catch {
    return false;
  }
};

/**
 * Returns the names of the files of a profile that a password opens, alone or with a key file that was there before.
 *
 * @param earlier key files
 */
export async function openedWith(
  password: string,
  { directory }: Pick<ProfileSummary, 'directory'>,
  earlier: readonly string[] = [],
): Promise<readonly string[]> {
  const paths = await filesIn(directory);
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  const pems = [...texts.filter((text) => text.includes('ENCRYPTED PRIVATE KEY')), ...earlier];
  const secrets = await Promise.all(pems.map((pem) => unlockKeyFile(pem, password).catch(() => null)));
  const keys = secrets.flatMap((unlocked) =>
    unlocked === null
      ? []
      : ['chat/1 state', 'chat/1 state part'].map(
          (label) => new Fernet(Buffer.from(hkdfSync('sha256', unlocked.secret, Buffer.alloc(0), label, 32))),
        ),
  );
  return paths.flatMap((path, index) => {
    const text = texts[index] ?? '';
    const isKey = pems.indexOf(text);
    if (isKey !== -1) return secrets[isKey] === null ? [] : [basename(path)];
    const token = text.startsWith('{"v"') ? String(JSON.parse(text).token) : text;
    return keys.some((key) => opens(key, token)) ? [basename(path)] : [];
  });
}
