/**
 * What everybody may know of a group: its members and its latest epoch. The hub and the members compute it alike from the
 * announcements, so all accept or refuse the same ones. Frozen, and ready for JSON.
 */
import type { Backend } from '../backend/backend.ts';
import { fromBase64url, toBase64url } from '../encoding/base64url.ts';
import { equalBytes, lengthPrefixed } from '../encoding/bytes.ts';
import { encodeName } from '../encoding/text.ts';
import { HubError } from '../errors.ts';
import { type Suite, suiteNamed } from '../keys/suite.ts';
import { type Announcement, bodyOf, decodeAnnouncement, HASH } from './announcement.ts';
import { epochContext } from './key-schedule.ts';
import { Roster } from './roster.ts';

export interface Group {
  readonly name: string;
  readonly suite: Suite;
  /** 0 before the first announcement. */
  readonly epoch: number;
  /** Of the latest epoch, base64url: `epochContext`, and what its key must derive. */
  readonly context: string;
  readonly commitment: string;
  readonly roster: Roster;
}

const LABEL = 'ecdh-hub group v1';

/** A group of nobody, before its first epoch. Throws `invalid-argument`. */
export function emptyGroup(name: string, suite: Suite): Group {
  encodeName(name, "a group's name", 'invalid-argument');
  const none = toBase64url(new Uint8Array(HASH));
  const { name: checked } = suiteNamed(suite, 'invalid-argument');
  return Object.freeze({ name, suite: checked, epoch: 0, context: none, commitment: none, roster: Roster.empty });
}

/** The hash of all of this: what the next announcement names as `previous`. */
export function groupHash(backend: Backend, group: Group): Uint8Array {
  const utf8 = new TextEncoder();
  return backend.sha256(
    lengthPrefixed([
      utf8.encode(LABEL),
      utf8.encode(group.name),
      utf8.encode(group.suite),
      utf8.encode(`${group.epoch}`),
      latestContext(group),
      fromBase64url(group.commitment, 'a commitment', HASH),
      fromBase64url(group.roster.hash, "a roster's hash", HASH),
    ]),
  );
}

/** The context of the latest epoch. */
export function latestContext(group: Group): Uint8Array {
  return fromBase64url(group.context, 'a context', HASH);
}

/** Whether these are the bytes that led to this state. */
function isLatest(backend: Backend, group: Group, announcement: Uint8Array): boolean {
  const context = epochContext(backend, group.name, bodyOf(announcement));
  return toBase64url(context) === group.context && toBase64url(announcement.subarray(-HASH)) === group.commitment;
}

/**
 * The group after this announcement, and what that says; the very same group if it is the latest, announced again. Judged
 * by public values alone: whether the commitment is kept is for those who have the key.
 *
 * Throws `invalid-announcement`, `epoch-gap`, `epoch-stale`, `epoch-fork`, `unknown-member`, `already-member`, and
 * `invalid-public-key` for a newcomer's or an ephemeral key that is no valid point.
 */
export function advance(backend: Backend, group: Group, bytes: Uint8Array): { group: Group; said: Announcement } {
  const said = decodeAnnouncement(bytes);
  if (isLatest(backend, group, bytes)) return { group, said };
  const suite = suiteNamed(said.suite, 'invalid-announcement');
  checkContinues(backend, group, said);
  for (const key of [said.ephemeralKey, ...said.added.map(({ publicKey }) => publicKey)]) {
    backend.agreements[suite.name].check(key);
  }
  return {
    said,
    group: Object.freeze({
      name: group.name,
      suite: group.suite,
      epoch: said.epoch,
      context: toBase64url(epochContext(backend, group.name, bodyOf(bytes))),
      commitment: toBase64url(said.commitment),
      roster: group.roster.change(backend, said.removed, said.added),
    }),
  };
}

function checkContinues(backend: Backend, group: Group, said: Announcement): void {
  if (said.suite !== group.suite) {
    throw new HubError('invalid-announcement', `this announcement is for ${said.suite}, the group has ${group.suite}`);
  }
  if (said.epoch < group.epoch) {
    throw new HubError('epoch-stale', `epoch ${said.epoch} is announced again, the latest is ${group.epoch}`);
  }
  if (said.epoch > group.epoch + 1) {
    throw new HubError('epoch-gap', `epoch ${said.epoch} is announced after ${group.epoch}: fetch those in between`);
  }
  if (said.epoch === group.epoch || !equalBytes(said.previous, groupHash(backend, group))) {
    throw new HubError('epoch-fork', `epoch ${said.epoch} is announced for another group, or for another past of it`);
  }
}
