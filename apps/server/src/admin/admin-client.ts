/** Asks the server that runs over a data directory. */
import { connect, type Socket } from 'node:net';
import { encodeFrame, FrameDecoder, ProtocolError } from '@chat/protocol';
import { Complaint, cannot, systemCode } from '../command-error.ts';
import {
  type AdminOperation,
  type AdminRequest,
  type AdminResult,
  adminOperations,
  adminResponse,
} from './admin-operation.ts';
import { withSocketPath } from './socket-path.ts';

/** Nobody listens: there is no socket, or the one that a killed server has left. */
const nobody: ReadonlySet<string> = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTSOCK']);

/**
 * The server's answer; null when none runs. Throws `ProtocolError` when it refused, and `Complaint` when it ended before it
 * answered: then nobody knows how far it got.
 */
export async function askServer<O extends AdminOperation>(
  path: string,
  op: O,
  request: AdminRequest<O>,
): Promise<AdminResult<O> | null> {
  const socket = await withSocketPath(path, open).catch((error: unknown) => {
    if (nobody.has(systemCode(error))) return null;
    throw cannot('reach the server at', path, error);
  });
  if (socket === null) return null;
  socket.write(encodeFrame({ op, ...request }));
  const answer = adminResponse.safeParse(await firstFrame(socket));
  const { ok, error } = answer.data ?? {};
  if (error !== undefined) throw new ProtocolError(error.code, error.message);
  const result = adminOperations[op].result.safeParse(ok);
  if (result.success) return result.data as AdminResult<O>;
  throw new Complaint('The server that runs is of another version than this command: restart it, then try again.');
}

const open = (address: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(address);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });

function firstFrame(socket: Socket): Promise<object> {
  const decoder = new FrameDecoder();
  return new Promise((resolve, reject) => {
    const ended = (cause?: Error) =>
      reject(new Complaint('The server ended before it answered: run the command again.', { cause }));
    socket.once('error', ended);
    socket.once('close', () => ended());
    socket.on('data', (chunk) => {
      try {
        for (const frame of decoder.push(chunk)) resolve(frame);
      } catch (error) {
        reject(error);
        socket.destroy();
      }
    });
  });
}
