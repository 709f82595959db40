/** The second example: a room for verified users with history `all`, in which users are invited, join, decline, or do neither. */
import { composeRemove } from '@chat/room';
import { type Participant, RecordedRoom } from './recorded-room.ts';
import type { SignerOf } from './signers.ts';

/** The recorded room and its participants. */
export interface Admission {
  readonly recorded: RecordedRoom;
  readonly alice: Participant;
  readonly bob: Participant;
  readonly carol: Participant;
  readonly dave: Participant;
}

/** Positions after which `breaches.json` has breaches. */
export const places = {
  /** Two users have joined, and no user is invited. */
  two: 9,
  /** Dave is invited, and the key has been wrapped to him. */
  invited: 11,
  /** The invitation has been withdrawn, and the room has a fresh key. */
  withdrawn: 14,
  /** Carol is invited. */
  invitedAgain: 16,
  /** Carol has made another key than the one that was lost. */
  end: 20,
  /** Dave is invited again. */
  invitedLast: 22,
  /** Dave has declined, and the room has a fresh key. */
  declined: 24,
} as const;

/** Records the room. */
export function recordAdmission(signerOf: SignerOf): Admission {
  const recorded = new RecordedRoom('archive', { join: 'verified', history: 'all' }, signerOf);
  const alice = recorded.participant('alice');
  const bob = recorded.participant('bob');
  const carol = recorded.participant('carol');
  const dave = recorded.participant('dave');
  recorded.create(alice);
  recorded.rekey(alice);
  recorded.say(alice, 'What is said here can be read by all who come.');
  recorded.invite(alice, bob);
  recorded.rekey(alice);
  recorded.say(alice, 'Bob will read this when he comes.');
  recorded.join(bob, 4);
  recorded.rekey(alice);
  recorded.say(bob, 'I have read everything.');
  recorded.invite(bob, dave);
  recorded.rekey(alice);
  recorded.append(composeRemove(recorded.author(bob), bob.state, 'dave'));
  recorded.rekey(bob);
  recorded.say(bob, 'Dave changed his mind.');
  recorded.invite(alice, carol);
  recorded.rekey(bob);
  recorded.join(carol, 15);
  recorded.rekey(alice);
  recorded.rekey(carol, { secrets: {} });
  recorded.say(carol, 'My key was damaged, so I made another.');
  recorded.invite(alice, dave);
  recorded.rekey(bob);
  recorded.decline(dave);
  recorded.rekey(alice);
  recorded.say(alice, 'Dave has declined.');
  return { recorded, alice, bob, carol, dave };
}
