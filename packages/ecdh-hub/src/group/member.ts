/** A member of a group: an id and a public key. */
import { fromBase64url, toBase64url } from '../encoding/base64url.ts';
import { encodeName } from '../encoding/text.ts';
import { HubError } from '../errors.ts';
import { requirePublicKeyForm } from '../keys/public-key.ts';
import type { SuiteParameters } from '../suite.ts';

/** A member of a group. */
export interface Member {
  /** 1 to 128 bytes in UTF-8, unique in the group. It stands for a user, or for one device of a user. */
  readonly id: string;
  /** The key to which the group's key is wrapped, of the group's suite, in the form of `KeyPair.publicKey`. */
  readonly publicKey: Uint8Array;
}

/** A member in a group's state: frozen and ready for JSON. */
export interface StoredMember {
  readonly id: string;
  /** base64url without padding */
  readonly publicKey: string;
}

/**
 * Checks types, sizes and forms. The backend checks that the key is a point of the curve.
 *
 * @throws HubError `invalid-argument`, `invalid-public-key`
 */
export function requireMember(member: Member, suite: SuiteParameters): void {
  if (typeof member !== 'object' || member === null) {
    throw new HubError('invalid-argument', 'a member must be { id, publicKey }');
  }
  encodeName(member.id, "a member's id", 'invalid-argument');
  requirePublicKeyForm(member.publicKey, suite);
}

/** Converts a member to its stored form. */
export function storedMemberOf({ id, publicKey }: Member): StoredMember {
  return Object.freeze({ id, publicKey: toBase64url(publicKey) });
}

/**
 * Converts a stored member back.
 *
 * @throws HubError `invalid-state`
 */
export function memberOf({ id, publicKey }: StoredMember, suite: SuiteParameters): Member {
  return { id, publicKey: fromBase64url(publicKey, "a member's public key", suite.publicKeyBytes) };
}
