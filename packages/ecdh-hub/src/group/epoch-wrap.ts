/**
 * The wrap of an epoch: its secret, encrypted for one member. On a curve it is 48 bytes, ciphertext and tag, under the epoch's
 * one ephemeral key. With X-Wing an encapsulation for this member precedes them.
 *
 * The wraps of an epoch can share the ephemeral key because everything else differs: HKDF's info names the context (group,
 * epoch, history), both public keys and the member's id, so each recipient has a key and an iv of its own, used once. An
 * attacker with the ephemeral private key learns the one secret that all wraps carry, as from a single wrap.
 */
import type { Backend, GcmOptions } from '../backend/backend.ts';
import { concat, lengthPrefixed } from '../encoding/bytes.ts';
import { HubError } from '../errors.ts';
import type { SuiteParameters } from '../suite.ts';
import { boundForm } from '../wrap/binding.ts';
import type { Recipient, Sender } from '../wrap/sides.ts';
import { type Member, memberOf, type StoredMember } from './member.ts';

/** The size of a secret's ciphertext (32 bytes) with its tag (16 bytes). */
const sealedBytes = 48;
const ivBytes = 12;

const label = 'ecdh-hub epoch wrap v1';

/** Returns the size of a wrap: 48 bytes, or with X-Wing 1168. */
export function wrapBytesOf(suite: SuiteParameters): number {
  return sealedBytes + ownEncapsulationBytes(suite);
}

/** The part of a wrap that is an encapsulation of its own. */
function ownEncapsulationBytes({ announcedKeyBytes, encapsulationBytes }: SuiteParameters): number {
  return announcedKeyBytes === 0 ? encapsulationBytes : 0;
}

/** The values with which the hub makes all wraps of an epoch. */
export interface Sealing {
  readonly suite: SuiteParameters;
  readonly sender: Sender;
  /** The announced ephemeral public key. */
  readonly ephemeralKey: Uint8Array;
  readonly context: Uint8Array;
  readonly secret: Uint8Array;
}

/** The values with which a member opens its wrap. */
export interface Opening {
  readonly suite: SuiteParameters;
  /** The member's id. */
  readonly id: string;
  /** The member's own key pair. */
  readonly own: Recipient;
  /** The announced ephemeral public key. */
  readonly ephemeralKey: Uint8Array;
  readonly context: Uint8Array;
  /** As long as `wrapBytesOf` returns. */
  readonly wrap: Uint8Array;
}

/**
 * Wraps the secret for one member.
 *
 * @throws HubError `invalid-public-key`
 */
export function sealSecret(backend: Backend, to: StoredMember, sealing: Sealing): Uint8Array {
  const { suite, sender, ephemeralKey, context, secret } = sealing;
  const recipient = memberOf(to, suite);
  const { encapsulation, sharedSecret } = sender.send(recipient.publicKey, to);
  const own = encapsulation.subarray(0, ownEncapsulationBytes(suite));
  const info = encodeInfo(backend, suite, { context, sent: own.length > 0 ? own : ephemeralKey, recipient });
  const sealed = withWrappingKey(backend, suite, {
    sharedSecret,
    info,
    work: (options) => backend.seal(options, secret),
  });
  return own.length > 0 ? concat([own, sealed]) : sealed;
}

/**
 * Unwraps the secret, or returns `null` if the wrap does not open.
 *
 * @throws HubError `invalid-public-key` if the announced key is not valid
 */
export function openSecret(
  backend: Backend,
  { suite, id, own, ephemeralKey, context, wrap }: Opening,
): Uint8Array | null {
  const encapsulation = wrap.subarray(0, ownEncapsulationBytes(suite));
  const sent = encapsulation.length > 0 ? encapsulation : ephemeralKey;
  const sharedSecret = encapsulation.length > 0 ? receivedOrNull(own, encapsulation) : own.receive(ephemeralKey);
  if (sharedSecret === null) return null;
  const info = encodeInfo(backend, suite, { context, sent, recipient: { id, publicKey: own.publicKey } });
  const sealed = wrap.subarray(encapsulation.length);
  return withWrappingKey(backend, suite, { sharedSecret, info, work: (options) => backend.open(options, sealed) });
}

/** An encapsulation of one wrap is not announced, so its fault is this wrap's alone and not an error of the epoch. */
function receivedOrNull(own: Recipient, encapsulation: Uint8Array): Uint8Array | null {
  try {
    return own.receive(encapsulation);
  } catch (error) {
    if (error instanceof HubError && error.code === 'invalid-public-key') return null;
    throw error;
  }
}

/** The values to which a wrap is bound. */
interface Bound {
  readonly context: Uint8Array;
  /** The announced ephemeral key, or the wrap's encapsulation. */
  readonly sent: Uint8Array;
  readonly recipient: Member;
}

function encodeInfo(backend: Backend, suite: SuiteParameters, { context, sent, recipient }: Bound): Uint8Array {
  const text = new TextEncoder();
  const keys = [sent, recipient.publicKey].map((key) => boundForm(backend, suite, key));
  return lengthPrefixed([text.encode(label), context, ...keys, text.encode(recipient.id)]);
}

/** The arguments of `withWrappingKey`. */
interface Wrapping<T> {
  readonly sharedSecret: Uint8Array;
  readonly info: Uint8Array;
  readonly work: (options: GcmOptions) => T;
}

/**
 * Derives key and IV, uses them, and wipes them. Each wrap has a derived IV, so an attacker cannot precompute a table for one IV
 * and many keys.
 */
function withWrappingKey<T>(
  backend: Backend,
  { wrappingKeyBytes }: SuiteParameters,
  { sharedSecret, info, work }: Wrapping<T>,
): T {
  const derived = backend.hkdf(sharedSecret, { salt: new Uint8Array(), info, length: wrappingKeyBytes + ivBytes });
  const [key, iv] = [derived.slice(0, wrappingKeyBytes), derived.slice(wrappingKeyBytes)];
  const result = work({ key, iv, associatedData: info });
  sharedSecret.fill(0);
  derived.fill(0);
  return result;
}
