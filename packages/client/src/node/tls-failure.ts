/** Translates the failures of TLS connections into errors that tell the user what to do. */
import { ClientError } from '../errors.ts';

/** Node's codes for a server certificate that the pinned authority does not vouch for. */
const untrustedCodes: ReadonlySet<string> = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

const notCurrentCodes: ReadonlySet<string> = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

/** How far a connection had come: no TCP connection yet, none of TLS yet, or open. */
export type ConnectionPhase = 'connecting' | 'handshake' | 'open';

/** The connection that failed. */
export interface FailedConnection {
  readonly host: string;
  readonly port: number;
  readonly phase: ConnectionPhase;
}

/** What has happened and what to do, by phase. */
const unreachable: Readonly<Record<ConnectionPhase, (at: string) => string>> = {
  connecting: (at) => `Nothing answers at ${at}: check the address, and that the server runs.`,
  handshake: (at) =>
    `The server at ${at} took the connection and ended it, or did not answer: it may have no room for more, or refuse this ` +
    'address for a minute after failed attempts. Try again in a minute; if that does not help, check the address.',
  open: (at) => `The connection to the server at ${at} was lost.`,
};

/** Returns the error for a connection that failed with `cause`. */
export function tlsFailure(cause: NodeJS.ErrnoException, { host, port, phase }: FailedConnection): ClientError {
  const at = `${host}:${port}`;
  const code = cause.code ?? '';
  if (untrustedCodes.has(code)) {
    return new ClientError(
      'wrong-authority',
      `The server at ${at} does not belong to the certificate authority that you trust for it. Do not continue before you know why: if its operator has renewed the authority, a new invitation line from the operator says so; start chat with it.`,
      { cause },
    );
  }
  if (notCurrentCodes.has(code)) {
    return new ClientError(
      'clock-skew',
      `The certificate of the server at ${at} is not valid at this machine's time: check the clocks of both.`,
      { cause },
    );
  }
  if (/ALERT.*(CERTIFICATE|UNKNOWN_CA)/i.test(code)) {
    return new ClientError('certificate-refused', `The server at ${at} does not accept this client's certificate.`, {
      cause,
    });
  }
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO') {
    return new ClientError('not-a-chat-server', `The service at ${at} does not speak TLS 1.3: check host and port.`, {
      cause,
    });
  }
  if (code === 'EMFILE' || code === 'ENFILE') {
    return new ClientError(
      'too-many-files',
      `This machine allows no further connection, because too many files are open (${code}): close programs, or raise the limit (ulimit -n).`,
      { cause },
    );
  }
  const sentence = unreachable[phase](code === '' ? at : `${at} (${code})`);
  return new ClientError('unreachable', sentence, { cause });
}
