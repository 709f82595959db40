/** Entries that break a rule in the first example. */
import { type EntryType, encodeCbor, entryDomain, fromHex, limits, utf8 } from '@chat/protocol';
import {
  composeCreate,
  composeInvite,
  composeJoin,
  composeLeave,
  composeRemove,
  composeRole,
  UserMap,
} from '@chat/room';
import { fieldsOf } from '../payload-fields.ts';
import { type Breach, PastRoom, unknownHash } from './breach.ts';
import { type Conversation, places } from './conversation.ts';
import { withHighS } from './earlier.ts';
import { signedBytes } from './forge.ts';

const { three, removal, two, alone, together, end } = places;
const stray = { seq: 9, hash: unknownHash };

/** Returns the payload with its first two fields in the other order: `v`, which takes 3 bytes, and `at`, which takes 12. */
const unsorted = (payload: Uint8Array): Uint8Array =>
  Uint8Array.of(...payload.slice(0, 1), ...payload.slice(4, 16), ...payload.slice(1, 4), ...payload.slice(16));

/** Breaches in messages. */
function ofMessages({ recorded, bob, carol }: Conversation, past: PastRoom): readonly Breach[] {
  const { breach } = past;
  const own = past.state(bob, three).authors.get(bob.signer.fingerprint) ?? { counter: 0, last: '' };
  const chained = (counter: number, last: string) => ({
    authors: UserMap.of({ [bob.signer.fingerprint]: { counter, last } }),
  });
  const said = past.message(bob, three);
  const misplaced = past.message(bob, three);
  return [
    { ...breach('out-of-order', three, 'an entry is skipped', said), item: { seq: 12, entry: past.at(12) } },
    {
      what: 'a hash in place of an entry',
      after: three,
      violation: 'withheld',
      item: { seq: 11, hashes: fromHex(unknownHash) },
    },
    breach(
      'bad-signature',
      three,
      'signed for another type',
      signedBytes(bob.signer, 'message', recorded.roomId, misplaced.payload, entryDomain('leave', recorded.roomId)),
    ),
    breach('bad-signature', three, 'the other signature, with a high s', withHighS(said)),
    breach('bad-signature', three, 'signed by another', { ...past.at(7), by: carol.signer.fingerprint }),
    breach('not-a-member', three - 3, 'before they came', past.message(carol, three)),
    breach('not-a-member', alone, 'after they left', said),
    breach('stale-key', two, 'under an older key', said),
    breach('stale-key', removal, 'under a key that somebody who was removed has', past.message(bob, removal - 1)),
    breach(
      'damaged',
      three,
      'what another said',
      signedBytes(bob.signer, 'message', recorded.roomId, past.at(three).payload),
    ),
    breach('damaged', three, 'no token', past.resigned(bob, past.at(three), { token: new Uint8Array(3) })),
    breach('replayed', three, 'a message for the second time', past.at(three)),
    breach(
      'missing-messages',
      three,
      'a gap in the counter',
      past.message(bob, three, chained(own.counter + 1, own.last)),
    ),
    breach(
      'missing-messages',
      three,
      'after another message',
      past.message(bob, three, chained(own.counter, unknownHash)),
    ),
    breach('fork', three, 'said in view of another log', past.message(bob, three, { head: stray })),
    breach(
      'fork',
      three,
      'said in view of what is to come',
      past.message(bob, three, { head: { seq: three + 2, hash: unknownHash } }),
    ),
    past.late(limits.messageViewEntries, breach('stale-view', three, 'said in view of too little', said)),
  ];
}

/** Breaches in entries about membership and roles. */
function ofMembers({ recorded, alice, bob, carol }: Conversation, past: PastRoom): readonly Breach[] {
  const { breach } = past;
  const leave = composeLeave(recorded.author(bob), past.state(bob, three));
  const by = (bytes: Uint8Array, type: EntryType = 'leave') => signedBytes(bob.signer, type, recorded.roomId, bytes);
  const promotion = composeRole(recorded.author(alice), past.state(alice, three), { user: 'bob', role: 'moderator' });
  const rejoin = (after: number) => composeJoin(recorded.author(carol), recorded.roomId, after);
  const readmission = composeRole(recorded.author(alice), past.state(alice, two), { user: 'carol', role: 'member' });
  const other = composeCreate(recorded.author(bob), 'lobby', { join: 'open', history: 'since-join' }).entry;
  const invitation = composeInvite(
    recorded.author(bob),
    { ...past.state(bob, two), removed: UserMap.empty },
    recorded.invitee(carol),
  );
  return [
    breach('malformed', three, 'no JSON', by(utf8('{'))),
    breach('malformed', three, 'no object', by(Uint8Array.of(0xf6))),
    breach('malformed', three, 'more than one object', by(Uint8Array.of(...leave.payload, 0))),
    breach('malformed', three, 'an object whose keys are not sorted', by(unsorted(leave.payload))),
    breach(
      'malformed',
      three,
      'a message that is an object',
      by(encodeCbor(fieldsOf(past.at(three).payload)), 'message'),
    ),
    breach('malformed', three, 'another version', past.resigned(bob, leave, { v: 2 })),
    breach('malformed', three, 'a field that is not known', past.resigned(bob, leave, { why: '' })),
    breach('bad-signature', three, 'names another room', past.resigned(bob, leave, { room: unknownHash })),
    breach('not-a-member', three, 'a leave in the name of another', past.resigned(bob, leave, { author: 'alice' })),
    breach('wrong-create', three, 'a second create', other),
    breach('wrong-create', three, 'the same create again', past.at(1)),
    breach('wrong-create', 0, 'a log that begins with a join', past.at(4)),
    breach('wrong-create', 0, 'the create of another room', other),
    breach('already-a-member', three, 'a second join', composeJoin(recorded.author(bob), recorded.roomId, three)),
    past.crowded(limits.roomMembers - 1, breach('room-full', 3, 'a join of a full room', past.at(4))),
    breach('removed', two, 'a join after the removal', rejoin(two)),
    breach('removed', two, 'an invitation after the removal', invitation),
    breach(
      'unknown-member',
      two,
      'a role for somebody who is not there',
      past.resigned(
        alice,
        composeRole(recorded.author(alice), past.state(alice, two), { user: 'bob', role: 'member' }),
        {
          user: 'dave',
          fingerprint: unknownHash,
        },
      ),
    ),
    breach(
      'not-allowed',
      three,
      'a member removes a member',
      past.resigned(bob, composeRemove(recorded.author(alice), past.state(alice, three), 'carol'), { author: 'bob' }),
    ),
    breach(
      'not-allowed',
      three,
      'a member gives a role',
      past.resigned(
        bob,
        composeRole(recorded.author(alice), past.state(alice, three), { user: 'carol', role: 'moderator' }),
        {
          author: 'bob',
        },
      ),
    ),
    breach(
      'unknown-member',
      two,
      'a readmission as more than a member',
      past.resigned(alice, readmission, { role: 'moderator' }),
    ),
    breach(
      'replayed',
      two,
      'a readmission from before the removal',
      past.resigned(alice, readmission, { head: past.state(alice, removal - 1).head }),
    ),
    breach(
      'replayed',
      together,
      'a leave from before they were removed',
      composeLeave(recorded.author(carol), past.state(carol, three)),
    ),
    breach('replayed', alone, 'a join from before they left', past.at(4)),
    breach(
      'replayed',
      together,
      'a removal from before they were readmitted',
      composeRemove(recorded.author(alice), past.state(alice, three), 'carol'),
    ),
    breach('fork', three, 'a role given in view of another log', past.resigned(alice, promotion, { head: stray })),
    past.late(limits.viewEntries, breach('stale-view', three, 'a role given in view of too little', promotion)),
    breach('bad-signature', three, 'a revocation that a member signed', past.resigned(alice, past.at(end - 2), {})),
    breach('replayed', end, 'a second revocation', past.at(end - 2)),
    breach('revoked', end, 'a join after the revocation', rejoin(end)),
    breach(
      'revoked',
      end,
      'an invitation after the revocation',
      composeInvite(
        recorded.author(alice),
        { ...past.state(alice, end), revoked: UserMap.empty },
        recorded.invitee(carol),
      ),
    ),
  ];
}

/** Breaches in epochs. */
function ofEpochs({ recorded, bob }: Conversation, past: PastRoom): readonly Breach[] {
  const { breach } = past;
  const epoch = (after: number) => recorded.epoch(bob, past.state(bob, after)).entry;
  const { head, membershipSeq: answers } = past.state(bob, three);
  const early = past.resigned(bob, past.at(removal + 1), { author: 'bob', head, answers, reason: 'count' });
  return [
    breach('wrong-epoch', three, 'an epoch from before', past.at(9)),
    breach('wrong-epoch', removal, 'a key of version 1', past.resigned(bob, epoch(removal), { v: 1 })),
    breach('wrong-epoch', removal, 'a step after a removal', past.resigned(bob, epoch(removal), { kind: 'step' })),
    breach(
      'wrong-epoch',
      removal,
      'the key before where history is not for all',
      past.resigned(bob, epoch(removal), { past: 'AAAA' }),
    ),
    breach('needless-key', three, 'a key for a count that the log does not have', early),
    breach('wrong-key', 8, 'a commitment to another secret', past.resigned(bob, epoch(8), { commitment: unknownHash })),
    breach('fork', 8, 'an epoch in view of another log', past.resigned(bob, epoch(8), { head: { ...stray, seq: 7 } })),
  ];
}

/** Returns the breaches. */
export function conversationBreaches(conversation: Conversation): readonly Breach[] {
  const past = new PastRoom(conversation.recorded);
  return [ofMessages, ofMembers, ofEpochs].flatMap((breaches) => breaches(conversation, past));
}
