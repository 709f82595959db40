/**
 * Sockets between the processes of one system user. A socket stands in a private directory, so that only the directory's owner can
 * reach it. On Windows it is a named pipe, which has no directory.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** A socket address holds 104 bytes on macOS and 108 on Linux, including the final zero. */
const maxPathBytes = 100;

/** Returns the pipe in place of a socket. It is named after the path, which is unique, and after the name of the socket. */
export const pipeOf = (socket: string): string =>
  `\\\\.\\pipe\\chat-${basename(socket, '.sock')}-${createHash('sha256').update(dirname(socket).toLowerCase()).digest('hex').slice(0, 32)}`;

/**
 * Calls `use` with a path at which the socket can be bound or reached. When the socket's own path is too long, the path leads
 * through a symbolic link in a private temporary directory, which is removed afterwards.
 */
export async function withSocketPath<T>(
  socket: string,
  use: (path: string) => Promise<T>,
  platform: NodeJS.Platform = process.platform,
): Promise<T> {
  if (platform === 'win32') return use(pipeOf(socket));
  if (Buffer.byteLength(socket) <= maxPathBytes) return use(socket);
  const linkDirectory = await mkdtemp(join(tmpdir(), 'chat-'));
  try {
    await symlink(dirname(socket), join(linkDirectory, 'd'));
    return await use(join(linkDirectory, 'd', basename(socket)));
  } finally {
    await rm(linkDirectory, { recursive: true });
  }
}
