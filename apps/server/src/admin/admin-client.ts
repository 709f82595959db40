/** Sends a command's request to the server that runs on a data directory. */
import { connect, type Socket } from 'node:net';
import { withSocketPath } from '@chat/durable-files';
import { codeOf, encodeFrame, FrameDecoder, ProtocolError } from '@chat/protocol';
import { CommandError, fileAccessError } from '../command-error.ts';
import {
  type AdminOperation,
  type AdminRequest,
  type AdminResult,
  adminOperations,
  adminResponse,
} from './admin-operation.ts';

/** No server listens: the socket does not exist, or a killed server has left it behind. */
const notListeningCodes: ReadonlySet<string> = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTSOCK']);

/**
 * Returns the answer of the running server; null when none runs.
 *
 * @throws ProtocolError when the server refuses the request
 * @throws CommandError `no-answer` when the server ends before it answers, and it is unknown what it has done; or when its
 *   answer is of another version
 */
export async function askServer<O extends AdminOperation>(
  path: string,
  op: O,
  request: AdminRequest<O>,
): Promise<AdminResult<O> | null> {
  const socket = await withSocketPath(path, open).catch((error: unknown) => {
    if (notListeningCodes.has(codeOf(error) ?? '')) return null;
    throw fileAccessError('reach the server at', path, error);
  });
  if (socket === null) return null;
  socket.write(encodeFrame({ op, ...request }));
  const answer = adminResponse.safeParse(await firstFrame(socket));
  const { ok, error } = answer.data ?? {};
  if (error !== undefined) throw new ProtocolError(error.code, error.message);
  const result = adminOperations[op].result.safeParse(ok);
  if (result.success) return result.data as AdminResult<O>;
  throw new CommandError(
    'no-answer',
    'The running server is of another version than this command: restart the server, then try again.',
  );
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
      reject(new CommandError('no-answer', 'The server ended before it answered: run the command again.', { cause }));
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
