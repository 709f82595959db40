/** Renewals of identity keys, as the server checks them: in requests, in entries of rooms, and for users with an earlier key. */
import {
  type ChainOwner,
  type Fingerprint,
  fingerprintOfKey,
  fromBase64url,
  type KeyChain,
  lastKeyOf,
  limits,
  ProtocolError,
  signaturesOfChain,
  type UserName,
} from '@chat/protocol';
import { importVerifier, SignatureError, type Verifier } from '@chat/signatures';
import type { Directory } from '../ports/directory.ts';
import { accessRevokedError, type KnownUser } from './registered-user.ts';

/** Returns the verifier of a key in base64url; null when it is not a key of P-384. */
export function verifierOf(key: string): Verifier | null {
  try {
    return importVerifier(fromBase64url(key), { lowS: true });
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error;
    return null;
  }
}

/** Returns the verifier of the last key of a user's chain; null when the chain is not valid. */
export type ChainJudge = (chain: KeyChain, user: UserName) => Verifier | null;

/** Reads a key in base64url; null when it is not one. */
export type KeyReader = (key: string) => Verifier | null;

/** Returns the judge of chains at the server with this id. */
export const chainJudge =
  (serverId: string, readKey: KeyReader = verifierOf): ChainJudge =>
  (chain, user) =>
    verifiedChain(chain, { serverId, user }, readKey);

/** Returns the verifier of the last key of a chain; null when a renewal of the chain is not signed by both keys, for this user. */
export function verifiedChain(chain: KeyChain, owner: ChainOwner, readKey: KeyReader = verifierOf): Verifier | null {
  const signatures = signaturesOfChain(chain, owner);
  if (signatures === null) return null;
  const verifiers = new Map<string, Verifier | null>();
  for (const { key, signature, domain, data } of signatures) {
    const verifier = verifiers.get(key) ?? readKey(key);
    verifiers.set(key, verifier);
    if (verifier?.verify(domain, data, fromBase64url(signature)) !== true) return null;
  }
  return verifiers.get(lastKeyOf(chain)) ?? null;
}

/** Returns whether the user had this key before the present one. */
export async function hadKey(
  directory: Pick<Directory, 'renewalsOf'>,
  user: UserName,
  fingerprint: Fingerprint,
): Promise<boolean> {
  const renewals = await directory.renewalsOf(user, limits.keyRenewalsPerAnswer);
  return renewals.some(({ previous }) => fingerprintOfKey(previous) === fingerprint);
}

/** Creates the error for a user whose key was renewed, and who shows an earlier one. */
export const keyRenewedError = (user: UserName): ProtocolError =>
  new ProtocolError(
    'key-renewed',
    `The identity key of ${user} was renewed, and this is the key before: use the profile with the new key. If you did not renew it, another person has your key: ask the operator of this server to revoke ${user}.`,
  );

/** Creates the error for a certificate or a signature of an earlier key. For a revoked user that is all that counts. */
export const earlierKeyError = ({ user, revoked }: Pick<KnownUser, 'user' | 'revoked'>): ProtocolError =>
  revoked ? accessRevokedError(user) : keyRenewedError(user);
