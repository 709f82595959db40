/**
 * Where the admin socket is: in the data directory, so that only its user gets to it. On Windows it is a named pipe,
 * which has no directory.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** A socket's address holds 104 bytes on macOS, 108 on Linux, the final zero included. */
const longest = 100;

/** The pipe of a data directory: named by its path, as two directories never share one. */
export const pipeOf = (directory: string): string =>
  `\\\\.\\pipe\\chat-server-${createHash('sha256').update(directory.toLowerCase()).digest('hex').slice(0, 32)}`;

/**
 * Calls `use` with a path by which the socket can be bound or reached. Where its own is too long for that, it is another
 * way to the same directory, private and gone again afterwards.
 */
export async function withSocketPath<T>(
  socket: string,
  use: (path: string) => Promise<T>,
  platform: NodeJS.Platform = process.platform,
): Promise<T> {
  if (platform === 'win32') return use(pipeOf(dirname(socket)));
  if (Buffer.byteLength(socket) <= longest) return use(socket);
  const aside = await mkdtemp(join(tmpdir(), 'chat-'));
  try {
    await symlink(dirname(socket), join(aside, 'd'));
    return await use(join(aside, 'd', basename(socket)));
  } finally {
    await rm(aside, { recursive: true });
  }
}
