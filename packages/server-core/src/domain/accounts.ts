/** People as the directory knows them, with the means to check what they signed. */

import type { Fingerprint, UserName } from '@chat/protocol';
import { fromBase64url, type Statement, toBase64url } from '@chat/protocol';
import { importVerifier, type Verifier } from '@chat/signatures';
import type { Directory } from '../ports/directory.ts';

/** A registered user and their identity key. */
export interface Person {
  readonly user: UserName;
  readonly fingerprint: Fingerprint;
  /** SubjectPublicKeyInfo in base64url, as entries carry it. */
  readonly key: string;
  readonly verifier: Verifier;
}

export async function findPerson(directory: Directory, user: UserName): Promise<Person | null> {
  const account = await directory.findAccount(user);
  if (account === null) return null;
  const { fingerprint, identity } = account;
  return { user, fingerprint, key: toBase64url(identity), verifier: importVerifier(identity) };
}

/** Whether this key signed the statement. */
export const signedBy = (verifier: Verifier, { domain, data }: Statement, signature: string): boolean =>
  verifier.verify(domain, data, fromBase64url(signature));
