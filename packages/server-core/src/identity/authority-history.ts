/** The CAs that a server has had, and the one that it has announced. */
import type { KeyObject } from 'node:crypto';
import { certificateFingerprint, readCertificate } from '@chat/mini-ca';
import {
  authorityDigest,
  type ResultOf,
  type Statement,
  type Succession,
  toBase64url,
  type Withdrawal,
} from '@chat/protocol';
import { importPlainPrivateKey, importVerifier, type Verifier } from '@chat/signatures';

/** What a server shows of its CAs besides the present one. */
export interface AuthorityHistory {
  /** The certificate of the first CA, PEM. Its fingerprint is the server id. */
  readonly first: string;
  readonly successions: readonly Succession[];
  readonly withdrawals: readonly Withdrawal[];
  /**
   * Cross-certificates, PEM, newest first: for the present CA by the one before, and so on. With them a client that has pinned an
   * earlier CA accepts the server. None: it refuses the server.
   */
  readonly crossed: readonly string[];
}

/** Returns the history of a server that has had one CA only. */
export const firstAuthority = (certificate: string): AuthorityHistory => ({
  first: certificate,
  successions: [],
  withdrawals: [],
  crossed: [],
});

/** Returns the certificates of the CAs up to the present one, oldest first, PEM. */
export function authoritiesUntil(present: string, { first, successions, withdrawals }: AuthorityHistory): string[] {
  const withdrawn = new Set(withdrawals.map(({ number }) => number));
  const all = [first, ...successions.filter(({ number }) => !withdrawn.has(number)).map((each) => each.certificate)];
  const fingerprint = certificateFingerprint(present);
  const index = all.findIndex((certificate) => certificateFingerprint(certificate) === fingerprint);
  return index < 0 ? [present] : all.slice(0, index + 1);
}

/** Returns the verifier of what a CA has signed. */
export const authorityVerifier = (certificate: string): Verifier =>
  importVerifier(readCertificate(certificate).publicKey.export({ type: 'spki', format: 'der' }), { lowS: true });

/** Returns the signature of a CA over a statement, in base64url. */
export const signAsAuthority = (privateKey: KeyObject, { domain, data }: Statement): string =>
  toBase64url(importPlainPrivateKey(privateKey.export({ type: 'pkcs8', format: 'der' })).sign(domain, data));

/** Returns the answer to `get-authority`. */
export const shownAuthority = ({ first, successions, withdrawals }: AuthorityHistory): ResultOf<'get-authority'> => ({
  first,
  successions: [...successions],
  withdrawals: [...withdrawals],
});

/** Returns the field of `hello` and `welcome` by which clients find that there is something new. */
export const authorityField = (history: AuthorityHistory): { readonly authority?: string } =>
  history.successions.length === 0 ? {} : { authority: authorityDigest(history) };
