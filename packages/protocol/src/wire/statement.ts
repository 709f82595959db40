/**
 * What a client signs with its identity key to prove itself on one connection.
 * `nonce` is the server's, `channel` the connection's TLS exporter value (RFC 9266), so that a recorded statement is
 * worth nothing on another connection; the domain names the server by its CA, so that it is worth nothing elsewhere.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { toHex, utf8 } from '../bytes.ts';

/** `tls-exporter` channel binding: 32 bytes under this label, with an empty context. */
export const channelBinding = { label: 'EXPORTER-Channel-Binding', bytes: 32 } as const;

/** The host name in every chat server's certificate. The pinned CA says which server it is, so one name serves all. */
export const serverName = 'chat-server.internal';

export interface Statement {
  readonly domain: { readonly protocol: string; readonly purpose: string; readonly context: string };
  readonly data: Uint8Array;
}

interface Connection {
  /** Fingerprint of the server's CA certificate. */
  readonly ca: string;
  readonly nonce: string;
  /** The exporter value in base64url. */
  readonly channel: string;
}

const statement = (purpose: string, { ca, nonce, channel }: Connection, fields: Record<string, string>): Statement => ({
  domain: { protocol: 'chat/1', purpose, context: ca },
  data: utf8(JSON.stringify({ nonce, channel, ...fields })),
});

export const loginStatement = (connection: Connection, user: string): Statement =>
  statement('login', connection, { user });

/** `request` is the certificate request in PEM; the statement holds its hash. */
export const enrolStatement = (connection: Connection, user: string, request: string): Statement =>
  statement('enrol', connection, { user, request: toHex(sha256(utf8(request))) });

export const renewStatement = (connection: Connection, user: string, request: string): Statement =>
  statement('renew', connection, { user, request: toHex(sha256(utf8(request))) });

/**
 * What makes a prekey its owner's: signed once, for everybody at this server.
 *
 * @param ca fingerprint of the server's CA certificate
 * @param madeAt milliseconds since 1970, by the owner's clock: of two prekeys the later one counts
 */
export const prekeyStatement = (ca: string, user: string, prekey: string, madeAt: number): Statement => ({
  domain: { protocol: 'chat/1', purpose: 'prekey', context: ca },
  data: utf8(JSON.stringify({ user, prekey, madeAt })),
});
