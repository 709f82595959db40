/** Refuses a client whose certificate is not valid. TLS alone would end the connection without a word. */
import type { TLSSocket } from 'node:tls';
import { type ErrorCode, encodeFrame } from '@chat/protocol';
import { dropLateBytes } from '../wire/late-bytes.ts';
import { wireErrorOf } from '../wire/wire-error.ts';

const code: ErrorCode = 'certificate-refused';

/** It does not say which: only a proof of the identity key shows a client whether its user is revoked. */
const message =
  'The certificate of the client is missing, expired, revoked or of another server: get a new one on the enrolment port.';

/**
 * Sends `bye` with `certificate-refused`, reads nothing, and closes the connection.
 *
 * @param lingerMs milliseconds until the connection is destroyed when the client does not close it
 */
export function refuseCertificate(socket: TLSSocket, lingerMs: number): void {
  socket.on('error', () => {});
  dropLateBytes(socket);
  socket.end(encodeFrame({ push: 'bye', error: wireErrorOf(code, message) }));
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(timer));
}
