/** The signed statement of the user's own prekey: how it is made, and whether the server shows one that this identity has signed. */
import {
  fromBase64url,
  prekeyId,
  prekeyStatement,
  prekeySuite,
  type RequestOf,
  type SignedPrekey,
  toBase64url,
  toHex,
} from '@chat/protocol';
import type { OwnPrekey } from '@chat/room';
import type { ClientContext } from '../context.ts';
import type { StoredPrekey } from '../storage/stored-state.ts';

type Owner = Pick<ClientContext, 'authority' | 'user' | 'signer' | 'crypto'>;

/** Returns the signed statement of a prekey, as the server takes it. */
export function signedByOwner(
  { authority, user, signer }: Owner,
  { publicKey, madeAt }: StoredPrekey,
): RequestOf<'put-prekey'> {
  const { domain, data } = prekeyStatement(authority.serverId, { user, prekey: publicKey, madeAt });
  return { suite: prekeySuite, prekey: publicKey, madeAt, signature: toBase64url(signer.sign(domain, data)) };
}

/** Returns whether the user's identity key has signed a prekey that the server shows. */
export function isSignedByOwner(
  { authority, user, signer, crypto }: Owner,
  { key, prekey, madeAt, signature }: SignedPrekey,
): boolean {
  const { domain, data } = prekeyStatement(authority.serverId, { user, prekey, madeAt });
  return (
    key === toBase64url(signer.publicKey) && crypto.verify(signer.publicKey, domain, data, fromBase64url(signature))
  );
}

/** Returns the prekey with an id; null if there is none. */
export function prekeyWith(id: Uint8Array, keys: readonly StoredPrekey[]): OwnPrekey | null {
  const name = toHex(id);
  const found = keys.find(({ publicKey }) => toHex(prekeyId(publicKey)) === name);
  return found === undefined ? null : { seed: fromBase64url(found.seed), publicKey: fromBase64url(found.publicKey) };
}
