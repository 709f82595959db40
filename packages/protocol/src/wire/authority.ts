/**
 * Succession of a server's CA. A new CA counts by a statement that the CA before it and the new CA have both signed, a week after
 * a client has learned of it. Until then the CA before can withdraw it.
 */
import { z } from 'zod';
import { sha256Hex, utf8 } from '../bytes.ts';
import { base64url, hash, pem, timestamp } from '../values.ts';
import type { Statement } from './statement.ts';

const signature = base64url(160);

/** Schema of a succession. */
export const succession = z.strictObject({
  /** 1 for the first succession of a server; each later one has a greater number, also after a withdrawal. */
  number: z.int().min(1),
  /** Fingerprint of the CA before. */
  previous: hash,
  /** The certificate of the new CA. */
  certificate: pem,
  /** When the server begins to use the new CA. */
  from: timestamp,
  madeAt: timestamp,
  /** The signature of the CA before. */
  signature,
  /** The signature of the new CA over the same bytes. */
  proof: signature,
});
/** The statement that a CA is followed by another one, with both signatures. */
export type Succession = z.infer<typeof succession>;

/** Schema of a withdrawal. */
export const withdrawal = z.strictObject({
  /** That of the succession. */
  number: z.int().min(1),
  /** Fingerprint of the CA that will not follow. */
  withdrawn: hash,
  /** The signature of the CA before it. */
  signature,
});
/** The statement that an announced CA will not follow. */
export type Withdrawal = z.infer<typeof withdrawal>;

const authorityStatement = (serverId: string, fields: object): Statement => ({
  domain: { protocol: 'chat/1', purpose: 'authority', context: serverId },
  data: utf8(JSON.stringify(fields)),
});

/** What both CAs sign. */
export interface SuccessionFields extends Pick<Succession, 'number' | 'previous' | 'from' | 'madeAt'> {
  /** Fingerprint of the new CA's certificate. */
  readonly next: string;
}

/** Returns the statement that the CA before and the new one sign. */
export const successionStatement = (
  serverId: string,
  { number, previous, next, from, madeAt }: SuccessionFields,
): Statement => authorityStatement(serverId, { number, previous, next, from, madeAt });

/** Returns the statement with which a CA withdraws a succession. */
export const withdrawalStatement = (
  serverId: string,
  { number, withdrawn }: Pick<Withdrawal, 'number' | 'withdrawn'>,
): Statement => authorityStatement(serverId, { number, withdrawn });

/**
 * Returns the digest by which a greeting names what a server shows of its CAs: SHA-256 of the signatures of all successions and then of
 * all withdrawals, each followed by a line feed.
 */
export const authorityDigest = (shown: {
  readonly successions: readonly Pick<Succession, 'signature'>[];
  readonly withdrawals: readonly Pick<Withdrawal, 'signature'>[];
}): string =>
  sha256Hex(utf8([...shown.successions, ...shown.withdrawals].map((each) => `${each.signature}\n`).join('')));
