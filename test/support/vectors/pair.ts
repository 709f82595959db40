/** The third example: a direct room, created while the other user is offline, who later renews the identity key; and its breaches. */
import { parsePayload, toBase64url, utf8 } from '@chat/protocol';
import { composeInvite, composeJoin } from '@chat/room';
import { type Breach, PastRoom } from './breach.ts';
import { sayNewer } from './newer-message.ts';
import { type Participant, RecordedRoom } from './recorded-room.ts';
import type { SignerOf } from './signers.ts';

/** The recorded room and its participants. */
export interface Pair {
  readonly recorded: RecordedRoom;
  readonly alice: Participant;
  readonly bob: Participant;
  readonly carol: Participant;
  /** Bob with his renewed key. */
  readonly renewed: Participant;
}

/** Length of the log when both users are members. */
const bothJoined = 7;
/** Length of the log before Bob renews his key, and after it. */
const beforeRenewal = 8;
const afterRenewal = 9;
/** Length of the log when the room has a fresh key for Bob's new one. */
const end = 11;

/** Records the room. */
export function recordPair(signerOf: SignerOf): Pair {
  const recorded = new RecordedRoom('dm-2f0c9d41e7ab56380d1c94be', { join: 'direct', history: 'since-join' }, signerOf);
  const alice = recorded.participant('alice');
  const bob = recorded.participant('bob');
  const carol = recorded.participant('carol');
  recorded.create(alice);
  recorded.rekey(alice);
  recorded.invite(alice, bob);
  recorded.rekey(alice);
  recorded.say(alice, 'Read this when you come.');
  recorded.join(bob, 3);
  recorded.rekey(bob);
  recorded.say(bob, 'I have.');
  const renewed = recorded.renewKey(bob, 'renewed');
  recorded.rekey(alice);
  recorded.say(renewed, 'This is the first thing that my new key signs.');
  sayOtherwise(recorded, alice, renewed);
  return { recorded, alice, bob, carol, renewed };
}

/** Positions of messages: two of before, and what Alice deletes. */
const said = { waiting: 5, answer: 8, mistake: 19 } as const;

/** Lets the two say something of every kind: what counts, and what does not. */
function sayOtherwise(recorded: RecordedRoom, alice: Participant, bob: Participant): void {
  const waiting = recorded.reference(said.waiting);
  const answer = recorded.reference(said.answer);
  recorded.say(alice, { kind: 'reply', target: answer, text: 'I am glad.' });
  // Bob wrote it under the key that he had before.
  recorded.say(bob, { kind: 'edit', target: answer, text: 'I have read it.' });
  recorded.say(bob, { kind: 'edit', target: waiting, text: 'This is not Bob’s, so nothing changes.' });
  recorded.say(bob, { kind: 'reaction', target: waiting, text: '👍' });
  recorded.say(alice, { kind: 'reaction', target: answer, text: 'ok' });
  recorded.say(bob, { kind: 'reaction', target: waiting, text: '❤️' });
  recorded.say(alice, { kind: 'action', text: 'waves' });
  recorded.say(alice, 'This is a mistake.');
  const mistake = recorded.reference(said.mistake);
  recorded.say(bob, { kind: 'reaction', target: mistake, text: '?' });
  recorded.say(alice, { kind: 'delete', target: mistake });
  recorded.say(alice, { kind: 'edit', target: mistake, text: 'It was deleted, so nothing changes.' });
  recorded.say(alice, { kind: 'reaction', target: answer, text: '' });
  recorded.say(alice, { kind: 'edit', target: { ...waiting, seq: waiting.seq + 1 }, text: 'There is another entry.' });
  recorded.say(bob, { kind: 'reply', target: recorded.reference(13), text: 'That is no message to answer.' });
  sayNewer(recorded, bob, 200, utf8('what a later version says'));
  recorded.say(alice, { kind: 'reaction', target: recorded.reference(26), text: 'eh' });
  recorded.say(alice, { kind: 'hide', target: recorded.reference(11) });
  const file = { blob: '0f'.repeat(16), key: toBase64url(new Uint8Array(32).fill(7)), hash: 'a1'.repeat(32) };
  const named = { size: 2 ** 29 + 3, name: 'plan of the week – 2.pdf', type: 'application/pdf' };
  recorded.say(bob, { kind: 'file', file: { ...file, ...named }, text: 'This is the plan.' });
  recorded.say(alice, {
    kind: 'file',
    file: { ...file, blob: 'f0'.repeat(16), size: 0, name: 'empty', type: 'text/plain' },
    text: '',
  });
}

/** Returns the breaches. */
export function pairBreaches({ recorded, alice, bob, carol, renewed }: Pair): readonly Breach[] {
  const past = new PastRoom(recorded);
  const renewal = past.at(afterRenewal);
  const { renewals: [step] = [] } = parsePayload('renew-key', renewal.payload) ?? {};
  const open = { ...past.state(alice, bothJoined), policy: null };
  return [
    past.breach(
      'not-allowed',
      bothJoined,
      'a third',
      composeInvite(recorded.author(alice), open, recorded.invitee(carol)),
    ),
    past.breach(
      'not-invited',
      bothJoined,
      'one who comes unasked',
      composeJoin(recorded.author(carol), recorded.roomId, bothJoined),
    ),
    past.breach('unknown-member', beforeRenewal, 'a new key of a stranger', recorded.renewal(carol, renewed)),
    past.breach('already-a-member', beforeRenewal, 'a new key that another member has', recorded.renewal(bob, alice)),
    past.breach(
      'bad-signature',
      beforeRenewal,
      'a new key that another key than the member’s has signed',
      recorded.renewal({ ...bob, signer: carol.signer }, renewed),
    ),
    past.breach(
      'bad-signature',
      beforeRenewal,
      'a renewal that was changed afterwards',
      past.resigned(renewed, renewal, { renewals: [{ ...step, madeAt: 0 }] }),
    ),
    past.breach(
      'malformed',
      beforeRenewal,
      'a new key without a renewal',
      past.resigned(renewed, renewal, { renewals: [] }),
    ),
    past.breach(
      'stale-key',
      afterRenewal,
      'under a key that the old key’s thief has',
      past.message(alice, beforeRenewal),
    ),
    past.breach('not-a-member', end, 'by the key before', past.message(bob, beforeRenewal)),
    past.breach('already-a-member', end, 'the same new key a second time', renewal),
  ];
}
