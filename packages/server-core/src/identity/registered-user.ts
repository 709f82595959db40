/** People as the directory knows them, with the means to check what they signed. */

import {
  type Fingerprint,
  fromBase64url,
  ProtocolError,
  type Statement,
  toBase64url,
  type UserName,
} from '@chat/protocol';
import { importVerifier, type Verifier } from '@chat/signatures';
import type { Directory } from '../ports/directory.ts';

/** A registered user and their identity key, whose access has not been taken away. */
export interface RegisteredUser {
  readonly user: UserName;
  readonly fingerprint: Fingerprint;
  /** SubjectPublicKeyInfo in base64url, as entries carry it. */
  readonly key: string;
  readonly verifier: Verifier;
}

/** Null for a name that nobody has. Throws `access-revoked`. */
export async function findRegisteredUser(directory: Directory, user: UserName): Promise<RegisteredUser | null> {
  const account = await directory.findAccount(user);
  if (account === null) return null;
  if (account.revoked !== null) throw accessRevokedError(user);
  const { fingerprint, identity } = account;
  return { user, fingerprint, key: toBase64url(identity), verifier: importVerifier(identity) };
}

export const accessRevokedError = (user: UserName): ProtocolError =>
  new ProtocolError(
    'access-revoked',
    `The operator of this server has taken ${user}'s access away: ask them, if that should not be.`,
  );

/** Whether this key signed the statement. */
export const signedBy = (verifier: Verifier, { domain, data }: Statement, signature: string): boolean =>
  verifier.verify(domain, data, fromBase64url(signature));
