/** The tables of `models/cases.json` that concern members and keys: the functions of room and server decide as they say. */
import { limits, toBase64url } from '@chat/protocol';
import {
  type Author,
  acceptWrap,
  applyEntry,
  composeJoin,
  composeKeyAnswer,
  composeMessage,
  RoomError,
  type RoomState,
  recipientsOf,
  rekeyReason,
  type SenderLink,
  slotAt,
} from '@chat/room';
import { expect, test } from 'vitest';
import { isStep } from '../../packages/room/src/keys/hub.ts';
import { crypto, type Log, Person, three } from '../../packages/room/test/support/people.ts';
import { people, type Verdicts } from '../support/compared-room.ts';
import {
  alice,
  bob,
  type CaseRoom,
  carol,
  dave,
  type Reason,
  roomIn,
  standingOf,
} from '../support/models/case-room.ts';
import { type Case, casesOf, faultsOfTables, resultOf } from '../support/models/cases.ts';

const anySecret = toBase64url(new Uint8Array(32));

/** Compares the result of each case that can occur. `decide` returns null for those that cannot. */
function agree(table: string, decide: (given: Case) => Case | readonly Case[] | null): void {
  for (const given of casesOf(table)) {
    const expected = resultOf(table, given);
    const decided = [decide(given)].flat();
    expect(decided).not.toEqual([]);
    for (const result of decided) expect({ ...given, result }).toEqual({ ...given, result: expected });
  }
}

const codes = ({ server, readers }: Verdicts): Case => ({
  server: server ?? 'accepted',
  members: readers ?? 'accepted',
});

test('every case of every table has a row, and every row a case', () => {
  expect(faultsOfTables()).toEqual([]);
});

test('joins, invitations and departures', () => {
  const presenceOf = ({ members, invited, removed }: RoomState): string => {
    const { fingerprint } = carol.signer;
    if (members.has(fingerprint)) return 'member';
    if (invited.has(fingerprint)) return 'invited';
    return removed.has(fingerprint) ? 'removed' : 'outside';
  };
  agree('person', ({ presence, act = '' }) => {
    const room = roomIn('answered');
    if (presence === 'invited') room.invite(carol);
    if (presence === 'member' || presence === 'removed') room.join(carol);
    if (presence === 'removed') room.remove(carol);
    room.epoch();
    const before = room.readers;
    expect(presenceOf(before)).toBe(presence);
    const verdicts = room[act as 'join' | 'invite' | 'leave' | 'remove' | 'decline'](carol);
    const { membershipSeq, removalSeq } = room.readers;
    const becomes = presenceOf(room.readers);
    const added = becomes === 'invited' ? 'invite' : 'join';
    const changed = removalSeq > before.removalSeq ? 'departure' : added;
    return { ...codes(verdicts), becomes, effect: membershipSeq > before.membershipSeq ? changed : 'nothing' };
  });
});

test('how an epoch stands to the members', () => {
  agree('standing', ({ standing, change }) => {
    const changes: Readonly<Record<string, readonly ((room: CaseRoom) => Verdicts)[]>> = {
      join: [(room) => room.join(dave)],
      invite: [(room) => room.invite(dave)],
      departure: [
        (room) => room.leave(standing === 'departed' ? carol : bob),
        (room) => room.remove(standing === 'departed' ? carol : bob),
      ],
      epoch: [(room) => room.epoch()],
    };
    return (changes[change ?? ''] ?? []).map((apply) => {
      const room = roomIn(standing);
      expect(apply(room)).toEqual({ server: null, readers: null });
      return { follows: standingOf(room.readers) };
    });
  });
});

test('an invitation that an epoch has answered, and one that none has', () => {
  const answered = roomIn('answered');
  answered.invite(dave);
  answered.epoch();
  answered.join(dave);
  expect({ follows: standingOf(answered.readers) }).toEqual(
    resultOf('standing', { standing: 'answered', change: 'join' }),
  );
  const unanswered = roomIn('answered');
  unanswered.invite(dave);
  unanswered.join(dave);
  expect({ follows: standingOf(unanswered.readers) }).toEqual(
    resultOf('standing', { standing: 'invited', change: 'join' }),
  );
});

test('epochs', () => {
  const others: readonly Reason[] = ['lost-key', 'age'];
  agree('epoch', ({ standing, number, previous, answers, reason, kind }) => {
    const { epoch, membershipSeq } = roomIn(standing).readers;
    const latest = epoch?.number ?? 0;
    const numbers = number === 'next' ? [latest + 1] : [latest + 2, ...(latest > 0 ? [latest] : [])];
    const reasons: readonly Reason[] = reason === 'membership' ? ['membership'] : others;
    const fields = {
      ...(previous === 'other' ? { previous: 'f'.repeat(64) } : {}),
      answers: membershipSeq - (answers === 'current' ? 0 : 1),
      kind: kind as 'fresh' | 'step',
    };
    return numbers.flatMap((value) =>
      reasons.map((each) => codes(roomIn(standing).epoch({ ...fields, number: value, reason: each }))),
    );
  });
});

test('author views of messages', () => {
  agree('view', ({ view }) => {
    const room = roomIn('answered');
    const { seq, hash } = room.compared.viewBehind(0);
    const views: Readonly<Record<string, { readonly seq: number; readonly hash: string }>> = {
      'on-log': { seq, hash },
      other: { seq, hash: 'e'.repeat(64) },
      beyond: { seq: seq + 1, hash },
    };
    const head = views[view ?? ''] ?? { seq: 0, hash };
    const { server } = room.put(alice, { type: 'message', epoch: 2, head, token: new Uint8Array(4) });
    return { server: server ?? 'accepted' };
  });
});

test('messages', () => {
  agree('message', ({ standing, epoch }) =>
    codes(roomIn(standing).message(epoch === 'latest' && standing !== 'none' ? 2 : 1)),
  );
});

/** Returns the room as a member knows it who holds the latest key, or lacks it, or for whom it was not made. */
function knownTo(key: string | undefined, { readers }: CaseRoom): RoomState | null {
  const { epoch } = readers;
  const isNewcomer = standingOf(readers) !== 'answered' && epoch !== null;
  if (epoch === null ? key !== 'not-for-me' : key === 'not-for-me' && !isNewcomer) return null;
  const me = key === 'not-for-me' && epoch !== null ? carol : alice;
  return {
    ...readers,
    me: me.signer.fingerprint,
    epochs: epoch === null ? {} : { [epoch.number]: epoch },
    secrets: epoch !== null && key === 'held' ? { [epoch.number]: anySecret } : {},
    freshSeenAt: epoch === null ? null : 0,
    // The reader that judged the entries could not read the message of Alice, so her chain is unknown to it.
    authors: readers.authors.put(me.signer.fingerprint, { counter: 1, last: '0'.repeat(64) }),
  };
}

/** Returns whether the author composes a message, which it refuses with a code otherwise. */
function composes(author: Author, state: RoomState): boolean {
  try {
    return composeMessage(author, state, 'hello').type === 'message';
  } catch (error) {
    expect(error).toBeInstanceOf(RoomError);
    return false;
  }
}

test('which messages a client composes', () => {
  agree('compose', ({ standing, key }) => {
    const state = knownTo(key, roomIn(standing));
    const { user, signer } = people.find((each) => each.signer.fingerprint === state?.me) ?? alice;
    return { sends: state !== null && composes({ user, signer, crypto, now: 0 }, state) ? 'yes' : 'no' };
  });
});

test('which epoch a member makes', () => {
  agree('duty', ({ standing, key, age }) => {
    const room = roomIn(standing);
    const state = knownTo(key, room);
    if (state === null || (age === 'old' && standing === 'none')) return null;
    const now = age === 'old' ? limits.freshKeyAge : 0;
    const why = rekeyReason(state, now) ?? 'nothing';
    const recipients = recipientsOf(state, now).map(({ user }) => user);
    const wraps = recipients.length === state.members.size ? 'all' : 'newcomers';
    if (wraps === 'newcomers' && why !== 'nothing') expect(recipients).toEqual([carol.user]);
    if (why === 'nothing') return { why, makes: 'nothing', wraps: recipients.length === 0 ? 'nothing' : wraps };
    return { why, makes: isStep(state, now) ? 'step' : 'fresh', wraps };
  });
});

/** Returns the hub's link to a user. */
function linkTo(person: Person, hub: Person, log: Log): SenderLink {
  log.known.add(person);
  const link = log.linksOf(hub).get(person.signer.fingerprint);
  if (link === undefined) throw new Error('no link');
  return link;
}

/** Returns a room for which Alice has made an epoch that is not on the log: a step for Dave, or a fresh one without Mallory. */
function beforeEpoch(kind: string | undefined) {
  const room = three();
  const newcomer = new Person('dave');
  room.log.enter(newcomer);
  if (kind === 'fresh') room.log.leave(room.mallory);
  else room.log.append(composeJoin(newcomer.author, room.log.roomId, room.log.entries.length));
  const { entry, state, recipients, slots } = room.log.propose(room.alice);
  return { ...room, newcomer, entry, drafts: state.drafts, recipients, slots };
}

test('what a member that reads an epoch has without a wrap', () => {
  agree('read', ({ draft, kind, before }) => {
    const { bob, log, ...room } = beforeEpoch(kind);
    // A draft is one of the author's. The other reader has made one, too, which is not on the log.
    const reader = draft === 'this' ? room.alice : bob;
    const state: RoomState = {
      ...reader.state,
      drafts: draft === 'this' ? room.drafts : log.propose(reader).state.drafts,
      secrets: before === 'held' ? reader.state.secrets : {},
    };
    const { events } = applyEntry(state, { seq: state.head.seq + 1, at: 0, entry: room.entry }, crypto);
    return events.flatMap((event) => (event.kind === 'epoch' ? [{ has: event.key }] : []));
  });
});

test('which secrets a member takes', () => {
  agree('secret', ({ secret }) => {
    const { bob: reader, alice: hub, recipients, slots, entry, log } = beforeEpoch('fresh');
    const { state: before } = applyEntry(reader.state, { seq: reader.state.head.seq + 1, at: 0, entry }, crypto);
    const { number = 0 } = before.epoch ?? {};
    const to = reader.signer.fingerprint;
    const forged = { ...hub.state, epoch: before.epoch, secrets: { [number]: anySecret } };
    const other = composeKeyAnswer(forged, { to, link: linkTo(reader, hub, log) })?.wrap ?? null;
    const index = recipients.findIndex(({ fingerprint }) => fingerprint === to);
    const wrap = secret === 'right' ? slotAt(slots, index) : other;
    const place = { roomId: log.roomId, epochNumber: number };
    const unwrapped = log.openings.unwrap(reader, wrap ?? new Uint8Array(60), place);
    expect(unwrapped).toBeInstanceOf(Uint8Array);
    const state = acceptWrap(before, { epochNumber: number, secret: unwrapped as Uint8Array }, crypto);
    return { taken: state !== null && number in state.secrets ? 'yes' : 'no' };
  });
});

test('which key requests a member answers', () => {
  agree('answer', ({ asker, before }) => {
    const { alice: hub, bob: member, newcomer, log } = beforeEpoch('step');
    const others: Readonly<Record<string, Person>> = { recipient: member, newcomer };
    const person = others[asker ?? ''] ?? new Person('erin');
    const state = before === 'held' ? hub.state : { ...hub.state, secrets: {} };
    const wrap = composeKeyAnswer(state, { to: person.signer.fingerprint, link: linkTo(person, hub, log) });
    return { gives: wrap === null ? 'no' : 'yes' };
  });
});
