/**
 * The announcement of a new epoch, which the hub sends to every member. All of it is public; its sender signs it.
 *
 *     version (1) | suite (1) | kind (1) | epoch (4) | previous (32) | ephemeral public key
 *       | removed: count (2), then for each: length (1), id
 *       | added: count (2), then for each: length (1), id, public key
 *       | commitment (32)
 */
import { concat, requireBytes } from '../encoding/bytes.ts';
import { decodeName, encodeName } from '../encoding/text.ts';
import { HubError } from '../errors.ts';
import { requirePublicKeyForm } from '../keys/public-key.ts';
import { requireSuite, type Suite, suiteOfId } from '../suite.ts';
import { requireAnnouncedKeyForm } from './announced-key.ts';
import type { Member } from './member.ts';
import { Reader } from './reader.ts';

/** `fresh`: a new random key, wrapped for every member. `step`: derived from the key before it, wrapped for newcomers. */
export type EpochKind = 'fresh' | 'step';

/** The contents of an announcement. */
export interface Announcement {
  /** The suite of the group. */
  readonly suite: Suite;
  /** Whether the epoch's key is new or derived from the one before it. */
  readonly kind: EpochKind;
  /** The epoch number, from 1 to 2^32 - 1. */
  readonly epoch: number;
  /** The hash of the group's state that this announcement continues: 32 bytes. */
  readonly previous: Uint8Array;
  /** The hub's ephemeral public key for all wraps of this epoch: a compressed point, 32 bytes for X25519, none for X-Wing. */
  readonly ephemeralKey: Uint8Array;
  /** The ids of the members that this epoch removes. */
  readonly removed: readonly string[];
  /** The members that this epoch adds. */
  readonly added: readonly Member[];
  /** A value of 32 bytes that is derived from the epoch's key, so that the hub cannot hand out two keys. */
  readonly commitment: Uint8Array;
}

/** The size of SHA-256 hashes and of commitments. */
export const hashBytes = 32;
const formatVersion = 1;
const maxCount = 0xffff;
const maxEpoch = 0xffff_ffff;
const kinds: readonly EpochKind[] = ['fresh', 'step'];

/**
 * Encodes everything but the commitment, which the hub computes from these bytes.
 *
 * @throws HubError `invalid-argument`
 */
export function encodeBody(body: Omit<Announcement, 'commitment'>): Uint8Array {
  const suite = requireSuite(body.suite, 'invalid-argument');
  const prefixed = (id: string) => {
    const name = encodeName(id, "a member's id", 'invalid-argument');
    return [Uint8Array.of(name.length), name];
  };
  return concat([
    Uint8Array.of(formatVersion, suite.id, kinds.indexOf(body.kind) + 1),
    unsigned(body.epoch, 4, maxEpoch),
    body.previous,
    body.ephemeralKey,
    unsigned(body.removed.length, 2, maxCount),
    ...body.removed.flatMap(prefixed),
    unsigned(body.added.length, 2, maxCount),
    ...body.added.flatMap(({ id, publicKey }) => [...prefixed(id), publicKey]),
  ]);
}

/** Returns the part of an announcement that `encodeBody` made. */
export function bodyOf(announcement: Uint8Array): Uint8Array {
  return announcement.subarray(0, -hashBytes);
}

/**
 * Decodes an announcement, for a caller who inspects it before applying it. Accepts one version, the known suites and the
 * exact length only. The result does not depend on any group's state.
 *
 * @returns the contents, in memory of their own
 * @throws HubError `invalid-announcement`, or `invalid-public-key` if a point has the wrong form
 */
export function decodeAnnouncement(bytes: Uint8Array): Announcement {
  const code = 'invalid-announcement';
  requireBytes(bytes, 'an announcement', { minBytes: hashBytes, maxBytes: Number.MAX_SAFE_INTEGER, code });
  const reader = new Reader(bytes, code);
  const version = reader.unsigned(1);
  if (version !== formatVersion) refuse(`has version ${version}, known is ${formatVersion}: update`);
  const suiteId = reader.unsigned(1);
  const suite = suiteOfId(suiteId) ?? refuse(`has the unknown suite ${suiteId}: update`);
  const kind = kinds[reader.unsigned(1) - 1] ?? refuse('is of an unknown kind: update');
  const epoch = reader.unsigned(4);
  if (epoch === 0) refuse('is of epoch 0: the first is 1');

  const readKey = () => {
    const publicKey = reader.take(suite.publicKeyBytes);
    requirePublicKeyForm(publicKey, suite);
    return publicKey;
  };
  const readEphemeralKey = () => {
    const ephemeralKey = reader.take(suite.announcedKeyBytes);
    requireAnnouncedKeyForm(ephemeralKey, suite);
    return ephemeralKey;
  };
  const readId = () => decodeName(reader.take(reader.unsigned(1)), "a member's id", code);
  const announcement: Announcement = {
    suite: suite.name,
    kind,
    epoch,
    previous: reader.take(hashBytes),
    ephemeralKey: readEphemeralKey(),
    removed: reader.list(readId),
    added: reader.list(() => ({ id: readId(), publicKey: readKey() })),
    commitment: reader.take(hashBytes),
  };
  reader.end();
  requireSoundKind(announcement);
  return announcement;
}

/** A removed member could compute the key of a `step`, and without a newcomer a `step` has no purpose. */
function requireSoundKind({ kind, removed, added }: Announcement): void {
  if (kind === 'step' && (removed.length > 0 || added.length === 0)) {
    refuse('is a step, which adds members and removes none, but lists others');
  }
}

/** Encodes a number, big-endian, in `size` bytes. */
function unsigned(value: number, size: number, max: number): Uint8Array {
  if (value > max) throw new HubError('invalid-argument', `an announcement holds at most ${max}, this is ${value}`);
  return Uint8Array.from({ length: size }, (_, i) => value >>> (8 * (size - 1 - i)));
}

function refuse(fault: string): never {
  throw new HubError('invalid-announcement', `this announcement ${fault}`);
}
