/** What breaks a rule in the first example of a room. */
import { entryDomain, limits } from '@chat/protocol';
import { composeCreate, composeInvite, composeJoin, composeLeave, composeRemove, composeRole } from '@chat/room';
import { type Breach, nobody, Scene } from './breach.ts';
import { type Conversation, places } from './conversation.ts';
import { signedText } from './forge.ts';

const { three, removal, two, alone, together, end } = places;
const stray = { seq: 9, hash: nobody };

/** In what a member said. */
function ofMessages({ table, bob, carol }: Conversation, scene: Scene): readonly Breach[] {
  const { breach } = scene;
  const own = scene.state(bob, three).authors[bob.signer.fingerprint] ?? { counter: 0, last: '' };
  const chained = (counter: number, last: string) => ({ authors: { [bob.signer.fingerprint]: { counter, last } } });
  const said = scene.message(bob, three);
  const misplaced = scene.message(bob, three);
  return [
    { ...breach('out-of-order', three, 'an entry is skipped', said), item: { seq: 12, entry: scene.at(12) } },
    { what: 'a hash in place of an entry', after: three, violation: 'withheld', item: { seq: 11, hash: nobody } },
    breach(
      'bad-signature',
      three,
      'signed for another type',
      signedText(bob.signer, 'message', table.room, misplaced.payload, entryDomain('leave', table.room)),
    ),
    breach('bad-signature', three, 'signed by another', { ...scene.at(7), by: carol.signer.fingerprint }),
    breach('not-a-member', three - 3, 'before they came', scene.message(carol, three)),
    breach('not-a-member', alone, 'after they left', said),
    breach('stale-key', two, 'under an older key', said),
    breach('stale-key', removal, 'under a key that somebody who was removed has', scene.message(bob, removal - 1)),
    breach(
      'damaged',
      three,
      'what another said',
      signedText(bob.signer, 'message', table.room, scene.at(three).payload),
    ),
    breach('damaged', three, 'no token', scene.resigned(bob, scene.at(three), { token: 'AAAA' })),
    breach('replayed', three, 'a message for the second time', scene.at(three)),
    breach(
      'missing-messages',
      three,
      'a gap in the counter',
      scene.message(bob, three, chained(own.counter + 1, own.last)),
    ),
    breach('missing-messages', three, 'after another message', scene.message(bob, three, chained(own.counter, nobody))),
    breach('fork', three, 'said in view of another log', scene.message(bob, three, { head: stray })),
    breach(
      'fork',
      three,
      'said in view of what is to come',
      scene.message(bob, three, { head: { seq: three + 2, hash: nobody } }),
    ),
    scene.late(limits.viewEntries, breach('stale-view', three, 'said in view of too little', said)),
  ];
}

/** In who comes, goes, and decides. */
function ofMembers({ table, alice, bob, carol }: Conversation, scene: Scene): readonly Breach[] {
  const { breach } = scene;
  const leave = composeLeave(table.author(bob), scene.state(bob, three));
  const promotion = composeRole(table.author(alice), scene.state(alice, three), { user: 'bob', role: 'moderator' });
  const rejoin = (after: number) => composeJoin(table.author(carol), table.room, after);
  const readmission = composeRole(table.author(alice), scene.state(alice, two), { user: 'carol', role: 'member' });
  const other = composeCreate(table.author(bob), 'lobby', { join: 'open', history: 'since-join' }).entry;
  const invitation = composeInvite(table.author(bob), { ...scene.state(bob, two), removed: {} }, table.invitee(carol));
  return [
    breach('malformed', three, 'no JSON', signedText(bob.signer, 'leave', table.room, '{')),
    breach('malformed', three, 'no object', signedText(bob.signer, 'leave', table.room, 'null')),
    breach('malformed', three, 'another version', scene.resigned(bob, leave, { v: 2 })),
    breach('malformed', three, 'a field that is not known', scene.resigned(bob, leave, { why: '' })),
    breach('bad-signature', three, 'names another room', scene.resigned(bob, leave, { room: nobody })),
    breach('not-a-member', three, 'a leave in the name of another', scene.resigned(bob, leave, { author: 'alice' })),
    breach('wrong-create', three, 'a second create', other),
    breach('wrong-create', three, 'the same create again', scene.at(1)),
    breach('wrong-create', 0, 'a log that begins with a join', scene.at(4)),
    breach('wrong-create', 0, 'the create of another room', other),
    breach('already-a-member', three, 'a second join', composeJoin(table.author(bob), table.room, three)),
    breach('removed', two, 'a join after the removal', rejoin(two)),
    breach('removed', two, 'an invitation after the removal', invitation),
    breach(
      'unknown-member',
      two,
      'a role for somebody who is not there',
      scene.resigned(
        alice,
        composeRole(table.author(alice), scene.state(alice, two), { user: 'bob', role: 'member' }),
        {
          user: 'dave',
          fingerprint: nobody,
        },
      ),
    ),
    breach(
      'not-allowed',
      three,
      'a member removes a member',
      scene.resigned(bob, composeRemove(table.author(alice), scene.state(alice, three), 'carol'), { author: 'bob' }),
    ),
    breach(
      'not-allowed',
      three,
      'a member gives a role',
      scene.resigned(
        bob,
        composeRole(table.author(alice), scene.state(alice, three), { user: 'carol', role: 'moderator' }),
        {
          author: 'bob',
        },
      ),
    ),
    breach(
      'unknown-member',
      two,
      'a readmission as more than a member',
      scene.resigned(alice, readmission, { role: 'moderator' }),
    ),
    breach(
      'replayed',
      two,
      'a readmission from before the removal',
      scene.resigned(alice, readmission, { head: scene.state(alice, removal - 1).head }),
    ),
    breach(
      'replayed',
      together,
      'a leave from before they were removed',
      composeLeave(table.author(carol), scene.state(carol, three)),
    ),
    breach('replayed', alone, 'a join from before they left', scene.at(4)),
    breach(
      'replayed',
      together,
      'a removal from before they were readmitted',
      composeRemove(table.author(alice), scene.state(alice, three), 'carol'),
    ),
    breach('fork', three, 'a role given in view of another log', scene.resigned(alice, promotion, { head: stray })),
    scene.late(limits.viewEntries, breach('stale-view', three, 'a role given in view of too little', promotion)),
    breach('bad-signature', three, 'a revocation that a member signed', scene.resigned(alice, scene.at(end - 2), {})),
    breach('replayed', end, 'a second revocation', scene.at(end - 2)),
    breach('revoked', end, 'a join after the revocation', rejoin(end)),
    breach(
      'revoked',
      end,
      'an invitation after the revocation',
      composeInvite(table.author(alice), { ...scene.state(alice, end), revoked: {} }, table.invitee(carol)),
    ),
  ];
}

/** In the room's keys. */
function ofEpochs({ table, bob }: Conversation, scene: Scene): readonly Breach[] {
  const { breach } = scene;
  const epoch = (after: number) => table.epoch(bob, scene.state(bob, after)).entry;
  return [
    breach('wrong-epoch', three, 'an epoch from before', scene.at(9)),
    breach('wrong-epoch', removal, 'a step after a removal', scene.resigned(bob, epoch(removal), { kind: 'step' })),
    breach(
      'wrong-epoch',
      removal,
      'the key before where history is not for all',
      scene.resigned(bob, epoch(removal), { past: 'AAAA' }),
    ),
    breach('wrong-key', 8, 'a commitment to another secret', scene.resigned(bob, epoch(8), { commitment: nobody })),
    breach('fork', 8, 'an epoch in view of another log', scene.resigned(bob, epoch(8), { head: { ...stray, seq: 7 } })),
  ];
}

export function conversationBreaches(conversation: Conversation): readonly Breach[] {
  const scene = new Scene(conversation.table);
  return [ofMessages, ofMembers, ofEpochs].flatMap((breaches) => breaches(conversation, scene));
}
