/** Registered users: looked up in the directory, with the means to verify what they have signed. */
import {
  fromBase64url,
  ProtocolError,
  type PublicIdentity,
  type Statement,
  toBase64url,
  type UserName,
} from '@chat/protocol';
import { importVerifier, type Verifier } from '@chat/signatures';
import type { Directory } from '../ports/directory.ts';

/** A user who is registered and not revoked. */
export interface RegisteredUser extends PublicIdentity {
  /** Verifies signatures of the user's identity key. */
  readonly verifier: Verifier;
}

/**
 * Looks up a user in the directory.
 *
 * @returns null when the name is not registered
 * @throws ProtocolError `access-revoked`
 */
export async function findRegisteredUser(directory: Directory, user: UserName): Promise<RegisteredUser | null> {
  const account = await directory.findAccount(user);
  if (account === null) return null;
  if (account.revoked !== null) throw accessRevokedError(user);
  const { fingerprint, identity } = account;
  return { user, fingerprint, key: toBase64url(identity), verifier: importVerifier(identity) };
}

/** Creates the error with which the server refuses a revoked user. */
export const accessRevokedError = (user: UserName): ProtocolError =>
  new ProtocolError(
    'access-revoked',
    `The operator of this server has revoked ${user}'s access: contact the operator if this is a mistake.`,
  );

/** Returns whether this key has signed the statement. */
export const signedBy = (verifier: Verifier, { domain, data }: Statement, signature: string): boolean =>
  verifier.verify(domain, data, fromBase64url(signature));
