/** The third example: a direct room, created while the other user is offline, who later renews the identity key; and its breaches. */
import { parsePayload } from '@chat/protocol';
import { composeInvite, composeJoin } from '@chat/room';
import { type Breach, PastRoom } from './breach.ts';
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
  return { recorded, alice, bob, carol, renewed };
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
