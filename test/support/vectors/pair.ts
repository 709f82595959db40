/** The third example: a direct room, created while the other user is offline; and its breaches. */
import { composeInvite, composeJoin } from '@chat/room';
import { type Breach, PastRoom } from './breach.ts';
import { type Participant, RecordedRoom } from './recorded-room.ts';
import type { SignerOf } from './signers.ts';

/** The recorded room and its participants. */
export interface Pair {
  readonly recorded: RecordedRoom;
  readonly alice: Participant;
  readonly carol: Participant;
}

/** Length of the log when both users are members. */
const bothJoined = 7;

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
  return { recorded, alice, carol };
}

/** Returns the breaches. */
export function pairBreaches({ recorded, alice, carol }: Pair): readonly Breach[] {
  const past = new PastRoom(recorded);
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
  ];
}
