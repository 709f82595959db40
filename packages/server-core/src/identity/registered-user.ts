/** Registered users: looked up in the directory, with the means to verify what they have signed. */
import {
  fromBase64url,
  ProtocolError,
  type PublicIdentity,
  type Statement,
  toBase64url,
  type UserName,
} from '@chat/protocol';
import { importVerifier, toLowS, type Verifier } from '@chat/signatures';
import type { Directory } from '../ports/directory.ts';

/** A user who is registered and not revoked. */
export interface RegisteredUser extends PublicIdentity {
  /** Verifies signatures of the user's identity key. Their s must be low. */
  readonly verifier: Verifier;
}

/** A registered user, revoked or not. Only a requester that has proved the identity key may learn which. */
export interface KnownUser extends RegisteredUser {
  readonly revoked: boolean;
}

/** Looks up a user in the directory. Returns null when the name is not registered. */
export async function findUser(directory: Pick<Directory, 'findAccount'>, user: UserName): Promise<KnownUser | null> {
  const account = await directory.findAccount(user);
  if (account === null) return null;
  const { fingerprint, identity, revoked } = account;
  const verifier = importVerifier(identity, { lowS: true });
  return { user, fingerprint, key: toBase64url(identity), verifier, revoked: revoked !== null };
}

/**
 * Returns the same user with a key that is imported at each use. An imported key takes half as much memory as all else that a session
 * holds, and most sessions never use it after the login: a message's signature is checked by its readers.
 */
export const withKeyOnDemand = ({ user, fingerprint, key }: RegisteredUser): RegisteredUser => ({
  user,
  fingerprint,
  key,
  get verifier() {
    return importVerifier(fromBase64url(key), { lowS: true });
  },
});

/**
 * A public key in place of the one that an unregistered name does not have: the base point of P-384. A request for such a name
 * then costs the server the same work as one with a wrong key.
 */
const standInKey = fromBase64url(
  'MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEqofKIr6LBTeOscce8yCtdG4dO2KLp5uYWfdB4IJUKjhVAvJdv1UpbDpUXjhydgq3' +
    'NhfeSpYmLG9dnpi_kpLcKfj0Hb0omhR86doxE7XwuMAKYLHOHX6BnXpDHXyQ6g5f',
);

/** Returns the verifier for a name that has no key: it costs the same work, and accepts no signature. */
export const standInVerifier = (): Verifier => importVerifier(standInKey, { lowS: true });

/**
 * Requires that the requester has the registered identity key. An unknown name and a wrong key get the same answer for the same
 * work, so only the owner of the key learns whether the name is registered, or revoked.
 *
 * @param found what the directory has for the name
 * @throws ProtocolError `login-refused`; `access-revoked` for a proof of a revoked user
 */
export async function requireProof(
  found: KnownUser | null,
  statement: Statement,
  signature: string,
): Promise<RegisteredUser> {
  const verifier = found?.verifier ?? standInVerifier();
  const isProved = await isSignedBy(verifier, statement, signature);
  if (found === null || !isProved) throw notProvedError();
  if (found.revoked) throw accessRevokedError(found.user);
  return found;
}

/** Creates the error with which the server refuses a requester that has not proved the registered key. */
export const notProvedError = (): ProtocolError =>
  new ProtocolError(
    'login-refused',
    'The signature is not by a key that is registered for this user name, or not for this connection: sign the nonce of ' +
      'this connection with the identity key, or enrol.',
  );

/** Creates the error with which the server refuses a revoked user. */
export const accessRevokedError = (user: UserName): ProtocolError =>
  new ProtocolError(
    'access-revoked',
    `The operator of this server has revoked ${user}'s access: contact the operator if this is a mistake.`,
  );

/**
 * Creates the error for a client of which a copy has logged in.
 *
 * @param since when the copy began to run, in milliseconds
 */
export const usedElsewhereError = (since: number): ProtocolError =>
  new ProtocolError(
    'used-elsewhere',
    `This identity has been in use elsewhere since ${new Date(since).toISOString().slice(0, 19).replace('T', ' ')} UTC: ask the user whether to end the other use.`,
  );

/**
 * Resolves with whether this key has signed the statement. The check takes nearly a millisecond, and strangers can ask for it, so it
 * is made off the main thread.
 */
export const isSignedBy = (verifier: Verifier, { domain, data }: Statement, signature: string): Promise<boolean> =>
  verifier.verifyAsync(domain, data, fromBase64url(signature));

/** Returns whether this key has signed the statement, at once. */
export const signedBy = (verifier: Verifier, { domain, data }: Statement, signature: string): boolean =>
  verifier.verify(domain, data, fromBase64url(signature));

/** Returns a verified signature with the low s. Signatures that were stored before a low s was required may have either. */
export const withLowS = (signature: string): string => toBase64url(toLowS(fromBase64url(signature)));
