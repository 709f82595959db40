/**
 * The server and the members judge who is in a room, as what, by rules of their own. Where the server takes what the
 * members do not, or the other way round, the room is stuck: so they are held against each other, decision by decision.
 */
import type { Payload, Role, SignedEntry } from '@chat/protocol';
import { entryDomain, entryHash, roomIdOf, toBase64url, utf8 } from '@chat/protocol';
import { applyEntry, createRoomCrypto, emptyRoom, type RoomState, type Signer } from '@chat/room';
import { generateSigner, importVerifier } from '@chat/signatures';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AppendRequest, admit, admitCreate } from '../packages/server-core/src/domain/append-rules.ts';
import { advance } from '../packages/server-core/src/domain/room-state.ts';
import type { Room } from '../packages/server-core/src/ports/room-store.ts';

const crypto = createRoomCrypto();
const people = ['ada', 'bob', 'cleo', 'dan'].map((user) => {
  const signer: Signer = generateSigner();
  return { user, signer, verifier: importVerifier(signer.publicKey) };
});
type Someone = (typeof people)[number];
const prekey = toBase64url(crypto.newPrekey().publicKey);

function sign({ signer }: Someone, room: string, payload: Payload<'create' | 'join' | 'leave' | 'role' | 'remove'>) {
  const text = JSON.stringify(payload);
  const signature = signer.sign(entryDomain(payload.type, room), utf8(text));
  return { type: payload.type, payload: text, by: signer.fingerprint, signature: toBase64url(signature) };
}

const requestOf = ({ user, signer, verifier }: Someone, entry: SignedEntry): AppendRequest => ({
  author: { user, fingerprint: signer.fingerprint, key: toBase64url(signer.publicKey), verifier },
  cid: '0'.repeat(32),
  entry,
  takeWraps: () => [],
});

/** A room as the server has it, and as somebody has it who reads its log. */
class Both {
  server: Room;
  readers: RoomState;
  readonly #hashes: string[] = [''];

  constructor(founder: Someone) {
    const entry = sign(founder, '', {
      v: 1,
      type: 'create',
      name: 'den',
      author: founder.user,
      key: toBase64url(founder.signer.publicKey),
      prekey,
      policy: { join: 'open', history: 'since-join' },
      nonce: '0'.repeat(32),
      at: 0,
    });
    const { change } = admitCreate(requestOf(founder, entry));
    const room = roomIdOf(entry.payload);
    this.server = advance(null, { room, seq: 1, at: 0, author: founder.user, change });
    this.readers = applyEntry(emptyRoom(room, 'f'.repeat(64)), { seq: 1, at: 0, entry }, crypto).state;
    this.#hashes.push(this.readers.head.hash);
  }

  /** What somebody signs who has seen all but the latest `unseen` entries. */
  place({ user }: Someone, unseen: number) {
    const seq = Math.max(1, this.readers.head.seq - unseen);
    return { v: 1 as const, room: this.server.room, at: 0, author: user, head: { seq, hash: this.#hashes[seq] ?? '' } };
  }

  /** Whether each of the two takes the entry; where both do, it is on the log. */
  judge(author: Someone, entry: SignedEntry): { readonly server: boolean; readonly readers: boolean } {
    const seq = this.server.head + 1;
    const after = applyEntry(this.readers, { seq, at: 0, entry }, crypto);
    const readers = after.events.every(({ kind }) => kind !== 'violation');
    try {
      const { change, hash } = admit(this.server, requestOf(author, entry));
      expect(hash).toBe(entryHash(entry));
      if (readers) {
        this.server = advance(this.server, { room: this.server.room, seq, at: 0, author: author.user, change });
        this.readers = after.state;
        this.#hashes.push(after.state.head.hash);
      }
      return { server: true, readers };
    } catch (error) {
      // What the server refuses has a code; anything else is a defect.
      expect(error).toHaveProperty('code');
      return { server: false, readers };
    }
  }
}

interface Act {
  readonly what: 'join' | 'leave' | 'remove' | 'role';
  readonly author: Someone;
  readonly about: Someone;
  readonly role: Role;
  /** How many of the latest entries the author has not seen. */
  readonly unseen: number;
}

const person = fc.constantFrom(...people);
const act: fc.Arbitrary<Act> = fc.record({
  what: fc.constantFrom<Act['what'][]>('join', 'leave', 'remove', 'remove', 'role', 'role', 'role'),
  author: person,
  about: person,
  role: fc.constantFrom<Role>('owner', 'moderator', 'member'),
  unseen: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(6)),
});

function entryFor(both: Both, { what, author, about, role, unseen }: Act): SignedEntry {
  const { head, ...placed } = both.place(author, unseen);
  const concerned = { user: about.user, fingerprint: about.signer.fingerprint };
  const { room } = placed;
  if (what === 'join') {
    const key = toBase64url(author.signer.publicKey);
    return sign(author, room, { ...placed, type: 'join', key, prekey, after: both.server.head });
  }
  if (what === 'leave') return sign(author, room, { ...placed, type: 'leave', head });
  if (what === 'remove') return sign(author, room, { ...placed, type: 'remove', ...concerned, head });
  return sign(author, room, { ...placed, type: 'role', ...concerned, role, head });
}

/** Members with their roles, and who is shut out, in one form for both. */
const inServer = ({ members, removed }: Room) => ({
  members: members.map(({ user, joinedAt, role, roleSeq }) => ({ user, joinedAt, role, roleSeq })),
  removed: removed.map(({ user, fingerprint, seq }) => ({ user, fingerprint, seq })),
});
const inReaders = ({ members, removed }: RoomState) => ({
  members: Object.values(members)
    .map(({ user, joinedAt, role, roleSeq }) => ({ user, joinedAt, role, roleSeq }))
    .sort((a, b) => a.joinedAt - b.joinedAt),
  removed: Object.entries(removed)
    .map(([fingerprint, { user, seq }]) => ({ user, fingerprint, seq }))
    .sort((a, b) => a.seq - b.seq),
});

test('server and members take the same decisions, and find the same roles', () => {
  const taken = new Set<string>();
  fc.assert(
    fc.property(fc.array(act, { minLength: 10, maxLength: 30 }), (acts) => {
      const [founder] = people;
      if (founder === undefined) throw new Error('nobody');
      const both = new Both(founder);
      for (const one of acts) {
        if (both.server.members.length === 0) return;
        const entry = entryFor(both, one);
        const { server, readers } = both.judge(one.author, entry);
        expect({ ...one, author: one.author.user, about: one.about.user, taken: server }).toMatchObject({
          taken: readers,
        });
        if (server) taken.add(one.what);
        expect(inServer(both.server)).toEqual(inReaders(both.readers));
        const owners = both.server.members.filter(({ role }) => role === 'owner');
        expect(owners).toHaveLength(both.server.members.length === 0 ? 0 : 1);
      }
    }),
    { numRuns: 40 },
  );
  // The sequences were not all refusals.
  expect([...taken].sort()).toEqual(['join', 'leave', 'remove', 'role']);
});
