/**
 * The announcement: what the hub tells everybody about a new epoch. All of it is public; its sender signs it.
 *
 *     version (1) | suite (1) | kind (1) | epoch (4) | previous (32) | ephemeral public key
 *       | removed: count (2), then for each: length (1), id
 *       | added: count (2), then for each: length (1), id, public key
 *       | commitment (32)
 */
import { checkBytes, concat } from '../encoding/bytes.ts';
import { decodeName, encodeName } from '../encoding/text.ts';
import { HubError } from '../errors.ts';
import { checkPublicKeyForm } from '../keys/key-pair.ts';
import { type Suite, suiteNamed, suiteWithId } from '../keys/suite.ts';
import { checkAnnouncedKeyForm } from './announced-key.ts';
import type { Member } from './member.ts';
import { Reader } from './reader.ts';

/** `fresh`: a new random key, wrapped for every member. `step`: derived from the one before, wrapped for newcomers. */
export type EpochKind = 'fresh' | 'step';

export interface Announcement {
  readonly suite: Suite;
  readonly kind: EpochKind;
  /** From 1. */
  readonly epoch: number;
  /** The hash of the group's state that this continues: 32 bytes. */
  readonly previous: Uint8Array;
  /** The hub's ephemeral public key, the same for all wraps of this epoch: a compressed point, or 32 bytes for X25519. */
  readonly ephemeralKey: Uint8Array;
  readonly removed: readonly string[];
  readonly added: readonly Member[];
  /** What the key of this epoch must derive: 32 bytes. */
  readonly commitment: Uint8Array;
}

/** All in bytes. */
export const HASH = 32;
const VERSION = 1;
const MAX_COUNT = 0xffff;
const MAX_EPOCH = 0xffff_ffff;
const kinds: readonly EpochKind[] = ['fresh', 'step'];

/** All but the commitment, which the hub can only compute from these bytes. Throws `invalid-argument`. */
export function encodeBody(body: Omit<Announcement, 'commitment'>): Uint8Array {
  const suite = suiteNamed(body.suite, 'invalid-argument');
  const prefixed = (id: string) => {
    const name = encodeName(id, "a member's id", 'invalid-argument');
    return [Uint8Array.of(name.length), name];
  };
  return concat([
    Uint8Array.of(VERSION, suite.id, kinds.indexOf(body.kind) + 1),
    unsigned(body.epoch, 4, MAX_EPOCH),
    body.previous,
    body.ephemeralKey,
    unsigned(body.removed.length, 2, MAX_COUNT),
    ...body.removed.flatMap(prefixed),
    unsigned(body.added.length, 2, MAX_COUNT),
    ...body.added.flatMap(({ id, publicKey }) => [...prefixed(id), publicKey]),
  ]);
}

/** The part of an announcement that `encodeBody` made. */
export function bodyOf(announcement: Uint8Array): Uint8Array {
  return announcement.subarray(0, -HASH);
}

/**
 * What these bytes announce, in memory of its own: for a caller who wants to see it, or to judge it, before applying it.
 * Strict: one version, known suites, the exact length.
 *
 * @throws HubError `invalid-announcement`, or `invalid-public-key` for a point that is not in its form
 */
export function decodeAnnouncement(bytes: Uint8Array): Announcement {
  checkBytes(bytes, 'an announcement', HASH, Number.MAX_SAFE_INTEGER, 'invalid-announcement');
  const reader = new Reader(bytes, 'invalid-announcement');
  const version = reader.unsigned(1);
  if (version !== VERSION) refuse(`has version ${version}, known is ${VERSION}: update`);
  const suiteId = reader.unsigned(1);
  const suite = suiteWithId(suiteId) ?? refuse(`has the unknown suite ${suiteId}: update`);
  const kind = kinds[reader.unsigned(1) - 1] ?? refuse('is of an unknown kind: update');
  const epoch = reader.unsigned(4);
  if (epoch === 0) refuse('is of epoch 0: the first is 1');

  const readKey = () => {
    const publicKey = reader.take(suite.publicKeyBytes);
    checkPublicKeyForm(publicKey, suite);
    return publicKey;
  };
  const readEphemeralKey = () => {
    const ephemeralKey = reader.take(suite.announcedKeyBytes);
    checkAnnouncedKeyForm(ephemeralKey, suite);
    return ephemeralKey;
  };
  const readId = () => decodeName(reader.take(reader.unsigned(1)), "a member's id", 'invalid-announcement');
  const announcement: Announcement = {
    suite: suite.name,
    kind,
    epoch,
    previous: reader.take(HASH),
    ephemeralKey: readEphemeralKey(),
    removed: reader.list(readId),
    added: reader.list(() => ({ id: readId(), publicKey: readKey() })),
    commitment: reader.take(HASH),
  };
  reader.end();
  checkKind(announcement);
  return announcement;
}

/** Whoever was removed could compute a `step`; and without a newcomer there is no reason for one. */
function checkKind({ kind, removed, added }: Announcement): void {
  if (kind === 'step' && (removed.length > 0 || added.length === 0)) {
    refuse('is a step, which adds members and removes none, but lists others');
  }
}

function unsigned(value: number, size: number, max: number): Uint8Array {
  if (value > max) throw new HubError('invalid-argument', `an announcement holds at most ${max}, this is ${value}`);
  return Uint8Array.from({ length: size }, (_, i) => value >>> (8 * (size - 1 - i)));
}

function refuse(fault: string): never {
  throw new HubError('invalid-announcement', `this announcement ${fault}`);
}
