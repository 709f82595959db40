/**
 * Opens the identity key of a profile while a program still loads, because the key derivation takes longer than that and runs in the
 * thread pool. What is opened here is only used for the same file and the same password, so a wrong guess costs time and nothing else.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type UnlockedKeyFile, unlockKeyFile } from '@chat/signatures';
import { profilePaths } from './profile-paths.ts';

/** A key file that is being opened. */
export interface EarlyUnlock {
  /** The content of the file. */
  readonly pem: string;
  readonly password: string;
  /** Settles as `unlockKeyFile` does. If no caller waits for it, a rejection is not reported. */
  readonly unlocked: Promise<UnlockedKeyFile>;
}

/** What `beginUnlock` needs. */
export interface BeginUnlockOptions {
  /** The directory of all profiles. */
  readonly home: string;
  /** The user of the profile; null for any. */
  readonly user: string | null;
  readonly password: string;
}

/** Returns the key file of the only profile that can be meant; null if that is not clear, or it cannot be read. */
function onlyKeyFile({ home, user }: BeginUnlockOptions): string | null {
  try {
    const [name, ...others] = readdirSync(home).filter((entry) => user === null || entry.startsWith(`${user}@`));
    if (name === undefined || others.length > 0) return null;
    return readFileSync(profilePaths(join(home, name)).identity, 'utf8');
  } catch {
    // `openProfile` meets the same failure, and explains it.
    return null;
  }
}

/** Begins to open the key of the profile that is probably meant. Returns null, and does nothing, if that is not clear. */
export function beginUnlock(options: BeginUnlockOptions): EarlyUnlock | null {
  const pem = onlyKeyFile(options);
  if (pem === null) return null;
  const { password } = options;
  const unlocked = unlockKeyFile(pem, password);
  unlocked.catch(() => undefined);
  return { pem, password, unlocked };
}

/** Opens a key file, with the outcome of `early` if that is for the same file and password. */
export function unlockWith(early: EarlyUnlock | null, pem: string, password: string): Promise<UnlockedKeyFile> {
  const isSame = early !== null && early.pem === pem && early.password === password;
  return isSame ? early.unlocked : unlockKeyFile(pem, password);
}
