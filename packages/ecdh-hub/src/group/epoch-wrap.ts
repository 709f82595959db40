/**
 * The wrap of an epoch: its secret, encrypted for one member under the epoch's one ephemeral key. 48 bytes: ciphertext, tag.
 *
 * The wraps of an epoch can share the ephemeral key because everything else differs: HKDF's info names the context (group,
 * epoch, history), both public keys and the member's id, so each recipient has a key and an iv of its own, used once. An
 * attacker with the ephemeral private key learns the one secret that all wraps carry, as from a single wrap.
 */
import type { Backend, GcmOptions, Party } from '../backend/backend.ts';
import { lengthPrefixed } from '../encoding/bytes.ts';
import type { SuiteParameters } from '../suite.ts';
import { type Member, memberOf, type StoredMember } from './member.ts';

/** The size of a wrap: the ciphertext of a secret (32 bytes) and its tag (16 bytes). */
export const wrapBytes = 48;
const wrappingKeyBytes = 16;
const ivBytes = 12;

const label = 'ecdh-hub epoch wrap v1';

/** The values with which the hub makes all wraps of an epoch. */
export interface Sealing {
  readonly suite: SuiteParameters;
  /** The ephemeral key pair. Its public key has the announced form. */
  readonly ephemeral: Party;
  readonly context: Uint8Array;
  readonly secret: Uint8Array;
}

/** The values with which a member opens its wrap. */
export interface Opening {
  /** The member's id. */
  readonly id: string;
  /** The member's own key pair. */
  readonly own: Party;
  /** The announced ephemeral public key. */
  readonly ephemeralKey: Uint8Array;
  readonly context: Uint8Array;
  readonly wrap: Uint8Array;
}

/**
 * Wraps the secret for one member.
 *
 * @throws HubError `invalid-public-key`
 */
export function sealSecret(backend: Backend, to: StoredMember, sealing: Sealing): Uint8Array {
  const { suite, ephemeral, context, secret } = sealing;
  const recipient = memberOf(to, suite);
  const shared = ephemeral.agree(recipient.publicKey, to);
  const info = encodeInfo(context, ephemeral.publicKey, recipient);
  return withWrappingKey(backend, { shared, info }, (options) => backend.seal(options, secret));
}

/**
 * Unwraps the secret, or returns `null` if the wrap does not open.
 *
 * @throws HubError `invalid-public-key`
 */
export function openSecret(backend: Backend, { id, own, ephemeralKey, context, wrap }: Opening): Uint8Array | null {
  const shared = own.agree(ephemeralKey);
  const info = encodeInfo(context, ephemeralKey, { id, publicKey: own.publicKey });
  return withWrappingKey(backend, { shared, info }, (options) => backend.open(options, wrap));
}

function encodeInfo(context: Uint8Array, ephemeralKey: Uint8Array, { id, publicKey }: Member): Uint8Array {
  const text = new TextEncoder();
  return lengthPrefixed([text.encode(label), context, ephemeralKey, publicKey, text.encode(id)]);
}

/**
 * Derives key and IV, uses them, and wipes them. Each wrap has a derived IV, so an attacker cannot precompute a table for one IV
 * and many keys.
 */
function withWrappingKey<T>(
  backend: Backend,
  { shared, info }: { readonly shared: Uint8Array; readonly info: Uint8Array },
  work: (options: GcmOptions) => T,
): T {
  const derived = backend.hkdf(shared, { salt: new Uint8Array(), info, length: wrappingKeyBytes + ivBytes });
  const [key, iv] = [derived.slice(0, wrappingKeyBytes), derived.slice(wrappingKeyBytes)];
  const result = work({ key, iv, associatedData: info });
  shared.fill(0);
  derived.fill(0);
  return result;
}
