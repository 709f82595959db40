/** The first example of a room: open, with all that happens to members in it. */
import { limits } from '@chat/protocol';
import { composeLeave, composeRemove, composeRole } from '@chat/room';
import type { SignerOf } from './people.ts';
import { type Person, Table } from './table.ts';

export interface Conversation {
  readonly table: Table;
  readonly alice: Person;
  readonly bob: Person;
  readonly carol: Person;
}

/** Positions after which something is tried. */
export const places = {
  /** The three of them talk. */
  three: 10,
  /** One was removed, and there is no key since. */
  removal: 12,
  /** There is. */
  two: 14,
  alone: 19,
  /** The one who was removed is back. */
  together: 25,
  /** Her access was taken away. */
  end: 28,
} as const;

export function converse(signerOf: SignerOf): Conversation {
  const table = new Table('lobby', { join: 'open', history: 'since-join' }, signerOf);
  const alice = table.person('alice');
  const bob = table.person('bob');
  const carol = table.person('carol');
  table.create(alice);
  table.rekey(alice);
  table.say(alice, 'Is anybody there?');
  table.join(bob);
  table.rekey(alice);
  table.say(bob, 'Jawohl, ich höre dich 👋');
  table.say(
    bob,
    `And now something long. ${'One hundred and twenty bytes do not fit into the bucket any more. '.repeat(4)}`,
  );
  table.join(carol);
  table.rekey(bob);
  table.say(alice, 'Good morning, Carol.');
  table.append(composeRole(table.author(alice), alice.state, { user: 'bob', role: 'moderator' }));
  table.append(composeRemove(table.author(bob), bob.state, 'carol'));
  table.rekey(bob);
  table.say(bob, 'Only the two of us read this.');
  table.wait(limits.freshKeyAge);
  table.rekey(alice);
  table.say(alice, 'A day later, under a key that nobody has held for long.');
  table.append(composeLeave(table.author(bob), bob.state));
  table.rekey(alice);
  table.say(alice, 'Alone again.');
  table.append(composeRole(table.author(alice), alice.state, { user: 'carol', role: 'member' }));
  table.join(carol);
  table.rekey(alice);
  table.say(carol, 'Thank you for having me back.');
  table.rekey(alice, { freshSeq: alice.state.head.seq - limits.freshKeyEntries });
  table.say(alice, 'As if a thousand entries had gone by.');
  table.append(table.revocation(carol));
  table.rekey(alice);
  table.say(alice, 'The operator says that her device was stolen.');
  return { table, alice, bob, carol };
}
