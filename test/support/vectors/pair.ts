/** The third example of a room: a conversation of two, opened while the other one is away. */
import { directRoomName } from '@chat/protocol';
import { composeInvite, composeJoin } from '@chat/room';
import { type Breach, Scene } from './breach.ts';
import type { SignerOf } from './people.ts';
import { type Person, Table } from './table.ts';

export interface Pair {
  readonly table: Table;
  readonly alice: Person;
  readonly carol: Person;
}

/** The length of the log when both are there. */
const both = 7;

export function pairUp(signerOf: SignerOf): Pair {
  const name = directRoomName(signerOf('alice').fingerprint, signerOf('bob').fingerprint);
  const table = new Table(name, { join: 'direct', history: 'since-join' }, signerOf);
  const alice = table.person('alice');
  const bob = table.person('bob');
  const carol = table.person('carol');
  table.create(alice);
  table.rekey(alice);
  table.invite(alice, bob);
  table.rekey(alice);
  table.say(alice, 'Read this when you come.');
  table.join(bob, 3);
  table.rekey(bob);
  table.say(bob, 'I have.');
  return { table, alice, carol };
}

export function pairBreaches({ table, alice, carol }: Pair): readonly Breach[] {
  const scene = new Scene(table);
  const open = { ...scene.state(alice, both), policy: null };
  return [
    scene.breach('not-allowed', both, 'a third', composeInvite(table.author(alice), open, table.invitee(carol))),
    scene.breach('not-invited', both, 'one who comes unasked', composeJoin(table.author(carol), table.room, both)),
  ];
}
