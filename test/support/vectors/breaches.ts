/** The examples of what breaks a rule: each is put after a part of the conversation, and read by its first member. */
import { type EntryType, entryDomain, entryHash, type SignedEntry, toBase64url, utf8 } from '@chat/protocol';
import {
  composeCreate,
  composeEpoch,
  composeJoin,
  composeLeave,
  composeMessage,
  composeRemove,
  composeRole,
  type RoomState,
  type Signer,
} from '@chat/room';
import type { Conversation } from './conversation.ts';
import type { Person } from './table.ts';

/** What is read after the entry at position `after`, and what it must be told as. */
interface Breach {
  readonly what: string;
  readonly after: number;
  readonly violation: string;
  readonly item: { readonly seq: number } & ({ readonly entry: SignedEntry } | { readonly hash: string });
}

function sign(
  signer: Signer,
  type: EntryType,
  room: string,
  payload: string,
  domain = entryDomain(type, room),
): SignedEntry {
  const signature = toBase64url(signer.sign(domain, utf8(payload)));
  return { type, payload, by: signer.fingerprint, signature };
}

const stateOf = (person: Person, after: number): RoomState => {
  const state = person.past.get(after);
  if (state === undefined) throw new Error(`${person.name} is not there at ${after}.`);
  return state;
};

/** The entry at a position of the log. */
const at = ({ table }: Conversation, seq: number): SignedEntry => {
  const entry = table.log[seq - 1]?.entry;
  if (entry === undefined) throw new Error(`There is nothing at ${seq}.`);
  return entry;
};

/** The same with some fields of its payload changed, signed anew by `person`. */
function resigned(person: Person, room: string, { type, payload }: SignedEntry, change: object): SignedEntry {
  return sign(person.signer, type, room, JSON.stringify({ ...JSON.parse(payload), ...change }));
}

/** The log's length when the three of them talk; when one was removed; when the room has a key since; and at its end. */
const three = 10;
const removal = 12;
const two = 14;
const alone = 19;

function breachesOf(conversation: Conversation): readonly Breach[] {
  const { table, alice, bob, carol } = conversation;
  const { room } = table;
  const message = (person: Person, after: number, change: Partial<RoomState> = {}) =>
    composeMessage(table.author(person), { ...stateOf(person, after), ...change }, 'Out of order.');
  const breach = (violation: string, after: number, what: string, entry: SignedEntry): Breach => {
    return { what, after, violation, item: { seq: after + 1, entry } };
  };
  const bobThen = stateOf(bob, three);
  const own = bobThen.authors[bob.signer.fingerprint] ?? { counter: 0, last: '' };
  const chained = (counter: number, last: string) => ({ authors: { [bob.signer.fingerprint]: { counter, last } } });
  const nobody = 'd'.repeat(64);
  const stray = { seq: 9, hash: nobody };

  return [
    {
      ...breach('out-of-order', three, 'an entry is skipped', message(bob, three)),
      item: { seq: 12, entry: at(conversation, 12) },
    },
    { what: 'a hash in place of an entry', after: three, violation: 'withheld', item: { seq: 11, hash: nobody } },
    breach(
      'malformed',
      three,
      'another version',
      resigned(bob, room, composeLeave(table.author(bob), bobThen), { v: 2 }),
    ),
    breach(
      'malformed',
      three,
      'a field that is not known',
      resigned(bob, room, composeLeave(table.author(bob), bobThen), { why: '' }),
    ),
    breach(
      'bad-signature',
      three,
      'signed for another type',
      sign(bob.signer, 'message', room, message(bob, three).payload, entryDomain('leave', room)),
    ),
    breach('bad-signature', three, 'signed by another', { ...at(conversation, 7), by: carol.signer.fingerprint }),
    breach(
      'bad-signature',
      three,
      'names another room',
      resigned(bob, room, composeLeave(table.author(bob), bobThen), { room: nobody }),
    ),
    breach('not-a-member', three - 3, 'before they came', message(carol, three)),
    breach('not-a-member', alone, 'after they left', message(bob, three)),
    breach(
      'not-a-member',
      three,
      'a leave in the name of another',
      resigned(bob, room, composeLeave(table.author(bob), bobThen), { author: 'alice' }),
    ),
    breach(
      'wrong-create',
      three,
      'a second create',
      composeCreate(table.author(bob), 'lobby', { join: 'open', history: 'since-join' }, bob.prekey).entry,
    ),
    breach(
      'already-a-member',
      three,
      'a second join',
      composeJoin(table.author(bob), room, three, bob.prekey.publicKey),
    ),
    breach(
      'removed',
      two,
      'a join after the removal',
      composeJoin(table.author(carol), room, two, carol.prekey.publicKey),
    ),
    breach(
      'unknown-member',
      two,
      'a role for somebody who is not there',
      resigned(alice, room, composeRole(table.author(alice), stateOf(alice, two), 'bob', 'member'), {
        user: 'dave',
        fingerprint: nobody,
      }),
    ),
    breach(
      'not-allowed',
      three,
      'a member removes a member',
      resigned(bob, room, composeRemove(table.author(alice), stateOf(alice, three), 'carol'), { author: 'bob' }),
    ),
    breach('wrong-epoch', three, 'an epoch from before', at(conversation, 9)),
    breach(
      'wrong-epoch',
      removal,
      'a step after a removal',
      resigned(bob, room, composeEpoch(table.author(bob), stateOf(bob, removal)).entry, { kind: 'step' }),
    ),
    breach(
      'wrong-key',
      8,
      'a commitment to another secret',
      resigned(bob, room, composeEpoch(table.author(bob), stateOf(bob, 8)).entry, { commitment: nobody }),
    ),
    breach('stale-key', two, 'under an older key', message(bob, three)),
    breach('stale-key', removal, 'under a key that somebody who was removed has', message(bob, removal - 1)),
    breach('damaged', three, 'what another said', sign(bob.signer, 'message', room, at(conversation, 10).payload)),
    breach('damaged', three, 'no token', resigned(bob, room, at(conversation, 10), { token: 'AAAA' })),
    breach('replayed', three, 'a message for the second time', at(conversation, 10)),
    breach('replayed', alone, 'a join from before they left', at(conversation, 4)),
    breach('missing-messages', three, 'a gap in the counter', message(bob, three, chained(own.counter + 1, own.last))),
    breach('missing-messages', three, 'after another message', message(bob, three, chained(own.counter, nobody))),
    breach('fork', three, 'said in view of another log', message(bob, three, { head: stray })),
    breach(
      'fork',
      three,
      'said in view of what is to come',
      message(bob, three, { head: { seq: three + 1, hash: nobody } }),
    ),
    breach(
      'fork',
      three,
      'a role given in view of another log',
      resigned(alice, room, composeRole(table.author(alice), stateOf(alice, three), 'bob', 'moderator'), {
        head: stray,
      }),
    ),
  ];
}

export function makeBreaches(conversation: Conversation) {
  return breachesOf(conversation).map(({ item, ...breach }) => ({
    ...breach,
    item: 'entry' in item ? { ...item, entryHash: entryHash(item.entry) } : item,
  }));
}
