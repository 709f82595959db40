/** The first example: an open room, in which members join, leave, are removed, readmitted and revoked. */
import { limits } from '@chat/protocol';
import { composeLeave, composeRemove, composeRole } from '@chat/room';
import { type Participant, RecordedRoom } from './recorded-room.ts';
import type { SignerOf } from './signers.ts';

/** The recorded room and its participants. */
export interface Conversation {
  readonly recorded: RecordedRoom;
  readonly alice: Participant;
  readonly bob: Participant;
  readonly carol: Participant;
}

/** Positions after which `breaches.json` has breaches, and of messages that are missing in `gaps.json`. */
export const places = {
  /** Alice's first message, and Bob's first two. */
  own: 3,
  first: 6,
  second: 7,
  /** There are three members. */
  three: 10,
  /** Carol has been removed, and no epoch has followed. */
  removal: 12,
  /** There are two members, and a fresh epoch. */
  two: 14,
  alone: 19,
  /** Carol has joined again. */
  together: 25,
  /** Carol has been revoked. */
  end: 28,
} as const;

/** Records the room. */
export function recordConversation(signerOf: SignerOf): Conversation {
  const recorded = new RecordedRoom('lobby', { join: 'open', history: 'since-join' }, signerOf);
  const alice = recorded.participant('alice');
  const bob = recorded.participant('bob');
  const carol = recorded.participant('carol');
  recorded.create(alice);
  recorded.rekey(alice);
  recorded.say(alice, 'Is anybody there?');
  recorded.join(bob);
  recorded.rekey(alice);
  recorded.say(bob, 'Jawohl, ich höre dich 👋');
  recorded.say(
    bob,
    `And now something long. ${'One hundred and twenty bytes do not fit into the bucket any more. '.repeat(4)}`,
  );
  recorded.join(carol);
  recorded.rekey(bob);
  recorded.say(alice, 'Good morning, Carol.');
  recorded.append(composeRole(recorded.author(alice), alice.state, { user: 'bob', role: 'moderator' }));
  recorded.append(composeRemove(recorded.author(bob), bob.state, 'carol'));
  recorded.rekey(bob);
  recorded.say(bob, 'Only the two of us read this.');
  recorded.wait(limits.freshKeyAge);
  recorded.rekey(alice);
  recorded.say(alice, 'A day later, under a key that nobody has held for long.');
  recorded.append(composeLeave(recorded.author(bob), bob.state));
  recorded.rekey(alice);
  recorded.say(alice, 'Alone again.');
  recorded.append(composeRole(recorded.author(alice), alice.state, { user: 'carol', role: 'member' }));
  recorded.join(carol);
  recorded.rekey(alice);
  recorded.say(carol, 'Thank you for having me back.');
  recorded.rekey(alice, { freshSeenAt: 0 });
  recorded.say(alice, 'Another day later.');
  recorded.append(recorded.revocation(carol));
  recorded.rekey(alice);
  recorded.say(alice, 'The operator says that her device was stolen.');
  return { recorded, alice, bob, carol };
}
