/**
 * The fence around a profile that was exported: `moved.json` says where it went. No client opens the profile while it is there, because the
 * export may be in use on another machine, and two clients that write as one user look like an attack to all others.
 */
import { basename } from 'node:path';
import { readIfThere, removeSynced, writeAtomically } from '@chat/durable-files';
import { z } from 'zod';
import { ClientError } from '../../errors.ts';
import { profilePaths } from '../profile-paths.ts';

const fenceFile = z.strictObject({
  v: z.literal(1),
  /** The path of the export. */
  to: z.string(),
  /** In milliseconds by this machine's clock. */
  at: z.int().min(0),
});

function whereTo(text: string): string {
  try {
    const { to, at } = fenceFile.parse(JSON.parse(text));
    return `This profile was exported to ${to} on ${new Date(at).toISOString()}`;
  } catch {
    // What cannot be read closes the profile all the same.
    return 'This profile was exported';
  }
}

/**
 * Requires that the profile was not exported, or was taken back.
 *
 * @throws ClientError `profile-moved`
 */
export async function requireUnfenced(directory: string): Promise<void> {
  const text = await readIfThere(profilePaths(directory).fence);
  if (text === null) return;
  throw new ClientError(
    'profile-moved',
    `${whereTo(text)}, and is closed here, so that it is in use at one place only. Import that file at the new place. If it was never imported: delete it, and use the profile here again with "chat take-back".`,
  );
}

/** Closes a profile. Resolves when that would survive a crash. */
export const fence = (directory: string, to: string, at: number): Promise<void> =>
  writeAtomically(profilePaths(directory).fence, `${JSON.stringify({ v: 1, to, at }, null, 2)}\n`);

/**
 * Opens a profile again.
 *
 * @throws ClientError `not-moved`
 */
export async function removeFence(directory: string): Promise<void> {
  const { fence: path } = profilePaths(directory);
  if ((await readIfThere(path)) === null) {
    throw new ClientError('not-moved', 'This profile was not exported, or was taken back already: use it as it is.');
  }
  await liftFence(directory);
}

/** Opens a profile again, if it is closed. Resolves when that would survive a crash. */
export const liftFence = (directory: string): Promise<void> =>
  removeSynced(directory, [basename(profilePaths(directory).fence)]);
