/** A member of a group: a name, and the public key that the group's key is wrapped to. */
import { fromBase64url, toBase64url } from '../encoding/base64url.ts';
import { encodeName } from '../encoding/text.ts';
import { HubError } from '../errors.ts';
import { checkPublicKeyForm } from '../keys/key-pair.ts';
import type { SuiteParameters } from '../keys/suite.ts';

export interface Member {
  /** 1 to 128 bytes in UTF-8, and no other member's: a user, or one device of a user. */
  readonly id: string;
  /** Of the group's suite, in the form of `KeyPair`'s. */
  readonly publicKey: Uint8Array;
}

/** A member as a state keeps it: frozen, and ready for JSON. */
export interface StoredMember {
  readonly id: string;
  /** base64url */
  readonly publicKey: string;
}

/** Throws `invalid-argument` or `invalid-public-key` for a wrong form. Whether the key is a point shows later. */
export function checkMember(member: Member, suite: SuiteParameters): void {
  if (typeof member !== 'object' || member === null) {
    throw new HubError('invalid-argument', 'a member must be { id, publicKey }');
  }
  encodeName(member.id, "a member's id", 'invalid-argument');
  checkPublicKeyForm(member.publicKey, suite);
}

export function storedMember({ id, publicKey }: Member): StoredMember {
  return Object.freeze({ id, publicKey: toBase64url(publicKey) });
}

export function memberOf({ id, publicKey }: StoredMember, suite: SuiteParameters): Member {
  return { id, publicKey: fromBase64url(publicKey, "a member's public key", suite.publicKeyBytes) };
}
