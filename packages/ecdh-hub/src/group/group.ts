/**
 * The public state of a group: its members and its latest epoch. The hub and all members compute it from the announcements
 * in the same way, so all accept or refuse the same announcements. The state is frozen and ready for JSON.
 */
import type { Backend } from '../backend/backend.ts';
import { fromBase64url, toBase64url } from '../encoding/base64url.ts';
import { equalBytes, lengthPrefixed } from '../encoding/bytes.ts';
import { encodeName } from '../encoding/text.ts';
import { HubError } from '../errors.ts';
import { kemOf } from '../kem/kem-of.ts';
import { requireSuite, type Suite } from '../suite.ts';
import { type Announcement, bodyOf, decodeAnnouncement, hashBytes } from './announcement.ts';
import { epochContext } from './key-schedule.ts';
import { Roster } from './roster.ts';

/** The public state of a group. */
export interface Group {
  readonly name: string;
  readonly suite: Suite;
  /** The number of the latest epoch; 0 before the first announcement. */
  readonly epoch: number;
  /** The `epochContext` of the latest epoch, 32 bytes in base64url. */
  readonly context: string;
  /** The commitment of the latest epoch, 32 bytes in base64url. */
  readonly commitment: string;
  readonly roster: Roster;
}

const label = 'ecdh-hub group v1';

/**
 * Returns a group without members, before its first epoch.
 *
 * @throws HubError `invalid-argument`
 */
export function emptyGroup(name: string, suite: Suite): Group {
  encodeName(name, "a group's name", 'invalid-argument');
  const zeros = toBase64url(new Uint8Array(hashBytes));
  const { name: knownSuite } = requireSuite(suite, 'invalid-argument');
  return Object.freeze({
    name,
    suite: knownSuite,
    epoch: 0,
    context: zeros,
    commitment: zeros,
    roster: Roster.empty(),
  });
}

/** Hashes the whole state. The next announcement names this hash as `previous`. */
export function groupHash(backend: Backend, group: Group): Uint8Array {
  const utf8 = new TextEncoder();
  return backend.sha256(
    lengthPrefixed([
      utf8.encode(label),
      utf8.encode(group.name),
      utf8.encode(group.suite),
      utf8.encode(`${group.epoch}`),
      latestContext(group),
      fromBase64url(group.commitment, 'a commitment', hashBytes),
      fromBase64url(group.roster.hash, "a roster's hash", hashBytes),
    ]),
  );
}

/** Returns the context of the latest epoch: 32 bytes. */
export function latestContext(group: Group): Uint8Array {
  return fromBase64url(group.context, 'a context', hashBytes);
}

/** Returns whether this announcement led to this state. */
function isLatest(backend: Backend, group: Group, announcement: Uint8Array): boolean {
  const context = epochContext(backend, group.name, bodyOf(announcement));
  return toBase64url(context) === group.context && toBase64url(announcement.subarray(-hashBytes)) === group.commitment;
}

/** The result of `advance`. */
export interface Advanced {
  /** The group after the announcement; the same object if the announcement is the latest one, applied again. */
  readonly group: Group;
  readonly announcement: Announcement;
}

/**
 * Applies an announcement to a group. Uses public values only: members who have the key check the commitment.
 *
 * @throws HubError `invalid-announcement`, `epoch-gap`, `epoch-stale`, `epoch-fork`, `unknown-member`, `already-member`, and
 *   `invalid-public-key` if a newcomer's key or the ephemeral key is not a valid point
 */
export function advance(backend: Backend, group: Group, bytes: Uint8Array): Advanced {
  const announcement = decodeAnnouncement(bytes);
  if (isLatest(backend, group, bytes)) return { group, announcement };
  const suite = requireSuite(announcement.suite, 'invalid-announcement');
  requireNext(backend, group, announcement);
  const { check } = kemOf(backend, suite);
  if (suite.announcedKeyBytes > 0) check(announcement.ephemeralKey);
  for (const { publicKey } of announcement.added) check(publicKey);
  return {
    announcement,
    group: Object.freeze({
      name: group.name,
      suite: group.suite,
      epoch: announcement.epoch,
      context: toBase64url(epochContext(backend, group.name, bodyOf(bytes))),
      commitment: toBase64url(announcement.commitment),
      roster: group.roster.change(backend, announcement.removed, announcement.added),
    }),
  };
}

/** Requires an announcement of the next epoch of this group with this history. */
function requireNext(backend: Backend, group: Group, { suite, epoch, previous }: Announcement): void {
  if (suite !== group.suite) {
    throw new HubError('invalid-announcement', `this announcement is for ${suite}, the group has ${group.suite}`);
  }
  if (epoch < group.epoch) {
    throw new HubError('epoch-stale', `epoch ${epoch} is announced again, the latest is ${group.epoch}`);
  }
  if (epoch > group.epoch + 1) {
    throw new HubError('epoch-gap', `epoch ${epoch} is announced after ${group.epoch}: fetch those in between`);
  }
  if (epoch === group.epoch || !equalBytes(previous, groupHash(backend, group))) {
    throw new HubError('epoch-fork', `epoch ${epoch} is announced for another group, or for another history of it`);
  }
}
