/** The second example of a room: for verified people, with history for all, and all that happens to those who are invited. */
import { composeRemove } from '@chat/room';
import type { SignerOf } from './people.ts';
import { type Person, Table } from './table.ts';

export interface Admission {
  readonly table: Table;
  readonly alice: Person;
  readonly bob: Person;
  readonly carol: Person;
  readonly dave: Person;
}

/** Positions after which something is tried. */
export const places = {
  /** Two have joined, nobody is invited. */
  two: 9,
  /** Dave is invited, and has the key. */
  invited: 11,
  /** Their invitation was withdrawn, and the key is another. */
  withdrawn: 14,
  /** Carol is invited. */
  invitedAgain: 16,
  end: 20,
} as const;

export function admit(signerOf: SignerOf): Admission {
  const table = new Table('archive', { join: 'verified', history: 'all' }, signerOf);
  const alice = table.person('alice');
  const bob = table.person('bob');
  const carol = table.person('carol');
  const dave = table.person('dave');
  table.create(alice);
  table.rekey(alice);
  table.say(alice, 'What is said here can be read by all who come.');
  table.invite(alice, bob);
  table.rekey(alice);
  table.say(alice, 'Bob will read this when he comes.');
  table.join(bob, 4);
  table.rekey(alice);
  table.say(bob, 'I have read everything.');
  table.invite(bob, dave);
  table.rekey(alice);
  table.append(composeRemove(table.author(bob), bob.state, 'dave'));
  table.rekey(bob);
  table.say(bob, 'Dave changed his mind.');
  table.invite(alice, carol);
  table.rekey(bob);
  table.join(carol, 15);
  table.rekey(alice);
  table.rekey(carol, { secrets: {} });
  table.say(carol, 'My key was damaged, so I made another.');
  return { table, alice, bob, carol, dave };
}
