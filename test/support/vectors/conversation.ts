/** The examples of a room: one log with an entry of every type, and all that follows from it. */
import {
  emptyLogHash,
  entryDomain,
  entryHash,
  limits,
  nextLogHash,
  parsePayload,
  toBase64url,
  toHex,
  utf8,
  wrapsDigest,
} from '@chat/protocol';
import { composeLeave, composeRemove, composeRole } from '@chat/room';
import { domainSeparated } from '@chat/signatures';
import type { SignerOf } from './people.ts';
import { type Person, Table } from './table.ts';

/** Every entry with what it is signed as, its hash, and the log's hash after it. */
function entriesOf({ room, log }: Table) {
  let logHash = emptyLogHash(room);
  return log.map(({ seq, at, entry }) => {
    const hash = entryHash(entry);
    logHash = nextLogHash(logHash, seq, entry.type, hash);
    const domain = entryDomain(entry.type, room);
    return { seq, at, entry, domain, signed: toHex(domainSeparated(domain, utf8(entry.payload))), hash, logHash };
  });
}

/** Every epoch with its secret, and all that was handed out. */
function epochsOf({ room, log, wraps, recording }: Table) {
  const derived = (info: string) => recording.derivations.find((each) => each.info === info);
  return log.flatMap(({ seq, entry }) => {
    const payload = entry.type === 'epoch' ? parsePayload('epoch', entry.payload) : null;
    if (payload === null) return [];
    const { number, kind } = payload;
    const handed = wraps.get(number) ?? [];
    const secret = derived(`chat/1 commitment ${room} ${number}`)?.secret;
    return [{ seq, number, kind, secret, wraps: handed, wrapsDigest: wrapsDigest(handed) }];
  });
}

export interface Conversation {
  readonly table: Table;
  readonly alice: Person;
  readonly bob: Person;
  readonly carol: Person;
}

/** The conversation itself; entries of every type are in it. */
export function converse(signerOf: SignerOf): Conversation {
  const table = new Table();
  const alice = table.person('alice', signerOf);
  const bob = table.person('bob', signerOf);
  const carol = table.person('carol', signerOf);
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
  table.append(composeRole(table.author(alice), alice.state, 'bob', 'moderator'));
  table.append(composeRemove(table.author(bob), bob.state, 'carol'));
  table.rekey(bob);
  table.say(bob, 'Only the two of us read this.');
  table.wait(limits.freshKeyAge);
  table.rekey(alice);
  table.say(alice, 'A day later, under a key that nobody has held for long.');
  table.append(composeLeave(table.author(bob), bob.state));
  table.rekey(alice);
  table.say(alice, 'Alone again.');
  return { table, alice, bob, carol };
}

/** What is written down of it. To be called before anything else is made with its people. */
export function makeConversation({ table }: Conversation) {
  const { recording } = table;
  return {
    room: table.room,
    emptyLogHash: emptyLogHash(table.room),
    people: table.people.map(({ name, signer, prekey }) => ({
      user: name,
      key: toBase64url(signer.publicKey),
      fingerprint: signer.fingerprint,
      prekey: { publicKey: toBase64url(prekey.publicKey), privateKey: toBase64url(prekey.privateKey) },
    })),
    entries: entriesOf(table),
    epochs: epochsOf(table),
    derivations: [...recording.derivations],
    encryptions: [...recording.encryptions],
    wrappings: [...recording.wrappings],
  };
}
