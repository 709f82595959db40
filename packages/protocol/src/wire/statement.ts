/**
 * Statements that a client signs with its identity key. On one connection a statement contains the server's nonce and the TLS
 * exporter value (RFC 9266), so that it is invalid on another connection. The signature domain names the server by the fingerprint of its first CA, so
 * that it is invalid at another server, and stays valid when the CA is renewed.
 */
import { sha256Hex, utf8 } from '../bytes.ts';
import { prekeySuite } from '../entry/prekey.ts';
import type { UserName } from '../values.ts';

/** The `tls-exporter` channel binding (RFC 9266): 32 bytes with this label and an empty context. */
export const channelBinding = { label: 'EXPORTER-Channel-Binding', bytes: 32 } as const;

/** The host name in every server's certificate. The pinned CA identifies the server, so all servers use one name. */
export const serverName = 'chat-server.internal';

/** Data to sign, and its signature domain. */
export interface Statement {
  /** The signature domain. */
  readonly domain: { readonly protocol: string; readonly purpose: string; readonly context: string };
  /** A JSON object in UTF-8, without white space and with its fields in a fixed order. */
  readonly data: Uint8Array;
}

/** What binds a statement to one connection. */
interface Connection {
  /** The server id: fingerprint of the server's first CA certificate. */
  readonly serverId: string;
  /** The nonce of the server's first push. */
  readonly nonce: string;
  /** The TLS exporter value in base64url. */
  readonly channel: string;
}

const statement = (
  purpose: string,
  { serverId, nonce, channel }: Connection,
  fields: Record<string, string>,
): Statement => ({
  domain: { protocol: 'chat/1', purpose, context: serverId },
  data: utf8(JSON.stringify({ nonce, channel, ...fields })),
});

/** Returns the statement of a login. */
export const loginStatement = (connection: Connection, user: UserName): Statement =>
  statement('login', connection, { user });

/**
 * Returns the statement of an enrolment.
 *
 * @param request the certificate request in PEM, whose hash the statement contains
 */
export const enrolStatement = (connection: Connection, user: UserName, request: string): Statement =>
  statement('enrol', connection, { user, request: sha256Hex(utf8(request)) });

/**
 * Returns the statement of a renewal.
 *
 * @param request the certificate request in PEM, whose hash the statement contains
 */
export const renewStatement = (connection: Connection, user: UserName, request: string): Statement =>
  statement('renew', connection, { user, request: sha256Hex(utf8(request)) });

/** Returns the statement with which the key of a recovery phrase opens the backup of a user. */
export const recoverStatement = (connection: Connection, user: UserName): Statement =>
  statement('recover', connection, { user });

/**
 * Returns the statement with which a user's identity key registers the key of a recovery phrase.
 *
 * @param serverId fingerprint of the server's first CA certificate
 * @param key in base64url
 * @param madeAt milliseconds since 1970 by the owner's clock
 */
export const recoveryKeyStatement = (
  serverId: string,
  { user, key, madeAt }: { readonly user: UserName; readonly key: string; readonly madeAt: number },
): Statement => ({
  domain: { protocol: 'chat/1', purpose: 'recovery-key', context: serverId },
  data: utf8(JSON.stringify({ user, key, madeAt })),
});

/** A prekey and its owner. */
export interface PrekeyFields {
  readonly user: UserName;
  /** The public key of X-Wing in base64url. */
  readonly prekey: string;
  /** Milliseconds since 1970 by the owner's clock. Of two prekeys the later one is valid. */
  readonly madeAt: number;
}

/**
 * Returns the statement with which a user signs a prekey, once for all users at the server. It names the suite, so that no signature
 * of an earlier version, which names none, is valid for it.
 *
 * @param serverId fingerprint of the server's first CA certificate
 */
export const prekeyStatement = (serverId: string, { user, prekey, madeAt }: PrekeyFields): Statement => ({
  domain: { protocol: 'chat/1', purpose: 'prekey', context: serverId },
  data: utf8(JSON.stringify({ user, suite: prekeySuite, prekey, madeAt })),
});
