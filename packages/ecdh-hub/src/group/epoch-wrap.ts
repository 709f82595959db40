/**
 * The secret of an epoch, wrapped for one member under the epoch's one ephemeral key: 48 bytes, ciphertext and tag.
 *
 * Sharing the ephemeral key is sound because everything else is distinct: HKDF's info names the context (group, epoch,
 * history), both public keys and the member's id, so each recipient has a key and an iv of their own, used once. Whoever
 * had the ephemeral private key would learn the one secret that all these wraps carry, as from a single one.
 */
import type { Backend, Party } from '../backend/backend.ts';
import { lengthPrefixed } from '../encoding/bytes.ts';
import type { SuiteParameters } from '../keys/suite.ts';
import { type Member, memberOf, type StoredMember } from './member.ts';

/** All in bytes. */
export const WRAP = 48;
const WRAPPING_KEY = 16;
const IV = 12;

const LABEL = 'ecdh-hub epoch wrap v1';

/** The hub's side of an epoch: its ephemeral pair, which names its public key as it is announced, and what it hands out. */
export interface Sealing {
  readonly suite: SuiteParameters;
  readonly ephemeral: Party;
  readonly context: Uint8Array;
  readonly secret: Uint8Array;
}

/** Throws `invalid-public-key`. */
export function sealSecret(backend: Backend, to: StoredMember, sealing: Sealing): Uint8Array {
  const { suite, ephemeral, context, secret } = sealing;
  const recipient = memberOf(to, suite);
  const shared = ephemeral.agree(recipient.publicKey, to);
  const binding = encodeBinding(context, ephemeral.publicKey, recipient);
  return withDerived(backend, shared, binding, (key, iv) => backend.seal(key, iv, binding, secret));
}

/** The secret, or `undefined` when the wrap does not open. Throws `invalid-public-key`. */
export function openSecret(
  backend: Backend,
  id: string,
  own: Party,
  ephemeralKey: Uint8Array,
  context: Uint8Array,
  wrap: Uint8Array,
): Uint8Array | undefined {
  const shared = own.agree(ephemeralKey);
  const binding = encodeBinding(context, ephemeralKey, { id, publicKey: own.publicKey });
  return withDerived(backend, shared, binding, (key, iv) => backend.open(key, iv, binding, wrap));
}

function encodeBinding(context: Uint8Array, ephemeralKey: Uint8Array, { id, publicKey }: Member): Uint8Array {
  const text = new TextEncoder();
  return lengthPrefixed([text.encode(LABEL), context, ephemeralKey, publicKey, text.encode(id)]);
}

/** The iv is derived too, which costs nothing, so that no table made for one iv serves against many keys. */
function withDerived<T>(
  backend: Backend,
  shared: Uint8Array,
  binding: Uint8Array,
  work: (key: Uint8Array, iv: Uint8Array) => T,
): T {
  const derived = backend.hkdf(shared, new Uint8Array(), binding, WRAPPING_KEY + IV);
  const result = work(derived.slice(0, WRAPPING_KEY), derived.slice(WRAPPING_KEY));
  shared.fill(0);
  derived.fill(0);
  return result;
}
