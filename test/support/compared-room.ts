/** A room as its server and as a reader of its log compute it, each by rules of its own. */
import type { EntryType, Payload, Policy, SignedEntry } from '@chat/protocol';
import {
  encodePayload,
  entryDomain,
  entryHash,
  fromBase64url,
  fromHex,
  type KeyRenewal,
  limits,
  parsePayload,
  roomIdOf,
  sha256Hex,
  toBase64url,
  utf8,
  WrapTree,
  wrapLeaf,
} from '@chat/protocol';
import { applyEntry, emptyRoom, makeKeyRenewal, type RoomState, type Signer, UserMap } from '@chat/room';
import type { Account, Room, RoomChange } from '@chat/server-core';
import {
  type AppendRequest,
  admit,
  admitCreate,
} from '../../packages/server-core/src/domain/entry-rules/append-rules.ts';
import { LogView } from '../../packages/server-core/src/domain/entry-rules/log-view.ts';
import { admitRevocation, readRevocation } from '../../packages/server-core/src/domain/entry-rules/revocation-rules.ts';
import { advance } from '../../packages/server-core/src/domain/room-state.ts';
import { chainJudge } from '../../packages/server-core/src/identity/key-chain.ts';
import { unsafeSuite } from '../simulation/crypto/unsafe-suite.ts';
import { SeededRandom } from '../simulation/simulated/seeded-random.ts';

/** Rights are compared here, not the strength of signatures. */
const suite = unsafeSuite(new SeededRandom(1));
const crypto = suite.newRoomCrypto();
const authority = suite.newSigner();

const serverId = 'a'.repeat(64);
const judgeChain = chainJudge(serverId, (key) => suite.verifier(fromBase64url(key)));

const withNewKey = (user: string) => {
  const signer = suite.newSigner();
  return { user, signer, verifier: suite.verifier(signer.publicKey), key: toBase64url(signer.publicKey) };
};

export const people = ['alice', 'bob', 'carol', 'dave'].map(withNewKey);
export type RoomUser = (typeof people)[number];

export const concerning = ({ user, signer }: RoomUser) => ({ user, fingerprint: signer.fingerprint });

/** Returns an entry with this payload, signed under the domain of its type. */
export function sign(signer: Signer, room: string, payload: Payload<EntryType>): SignedEntry {
  const bytes = encodePayload(payload);
  const signature = signer.sign(entryDomain(payload.type, room), bytes);
  return { type: payload.type, payload: bytes, by: signer.fingerprint, signature };
}

export const revocation = (room: string, about: RoomUser, signer: Signer = authority): SignedEntry =>
  sign(signer, room, { v: 1, type: 'revoke', room, at: 0, ...concerning(about) });

const requestOf = ({ user, signer, verifier, key }: RoomUser, entry: SignedEntry): AppendRequest => ({
  author: { user, fingerprint: signer.fingerprint, key, verifier },
  cid: '0'.repeat(32),
  entry,
  // No member hands out an epoch of version 1 any more. Members of a restored server give back those that they have read.
  wraps: parsePayload('epoch', entry.payload)?.v === 1 ? null : { take: () => null },
});

function accountOf(someone: RoomUser | undefined): Account | null {
  if (someone === undefined) return null;
  return { ...concerning(someone), identity: someone.signer.publicKey, enrolledAt: 0, revoked: null };
}

/** Returns what an epoch names that has no wraps for its recipients: all members and invited users, or those after a position. */
export function noWrapsFor({ members, invited }: RoomState, after = 0): string {
  const recipients = [
    ...members.values().filter(({ joinedAt }) => joinedAt > after),
    ...invited.values().filter(({ seq }) => seq > after),
  ].map(({ fingerprint }) => fingerprint);
  return new WrapTree(Buffer.concat(recipients.sort().map((to) => wrapLeaf(fromHex(to), null)))).commitment;
}

/** The results for one entry: the code of the refusal or of the first violation, or `null` if the entry is accepted. */
export interface Verdicts {
  readonly server: string | null;
  readonly readers: string | null;
}

/** Returns members who do nothing. All have joined later than others do, so that a departed owner is followed by one who acts. */
const crowdOf = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const joinedAt = 1_000_000 + index;
    const place = { joinedAt, readsFrom: joinedAt, role: 'member', roleSeq: joinedAt } as const;
    return { user: `other-${index}`, fingerprint: sha256Hex(utf8(`other ${index}`)), ...place };
  });

export class ComparedRoom {
  server: Room;
  readers: RoomState;
  readonly #view: LogView;
  readonly #hashes: string[] = [''];
  /** The users with their present keys. */
  readonly #renewed = new Map<string, RoomUser>();

  constructor(founder: RoomUser, policy: Policy) {
    const entry = sign(founder.signer, '', {
      v: 2,
      type: 'create',
      name: 'den',
      author: founder.user,
      key: founder.key,
      policy,
      nonce: '0'.repeat(32),
      at: 0,
    });
    const { change } = admitCreate(requestOf(founder, entry));
    const room = roomIdOf(entry.payload);
    this.server = advance(null, { room, seq: 1, at: 0, change });
    const nothing = emptyRoom(room, 'f'.repeat(64), {
      authorities: [toBase64url(authority.publicKey)],
      serverId,
    });
    this.readers = applyEntry(nothing, { seq: 1, at: 0, entry }, crypto).state;
    this.#view = new LogView(room, 0, []);
    this.#view.add('create', entryHash(entry));
    this.#hashes.push(this.readers.head.hash);
  }

  /** Adds members who do nothing, until so many users fit into the room. A negative number: until there are as many too many. */
  crowd(free: number): void {
    const count = limits.roomMembers - this.server.members.length - this.server.invited.length - free;
    const others = crowdOf(count);
    this.server = { ...this.server, members: [...this.server.members, ...others] };
    const members = [
      ...this.readers.members,
      ...others.map((each) => [each.fingerprint, { ...each, key: '' }] as const),
    ];
    this.readers = { ...this.readers, members: UserMap.of(Object.fromEntries(members)) };
  }

  /** The users with their present keys. */
  get users(): readonly RoomUser[] {
    return people.map((person) => this.withKey(person));
  }

  /** Returns the user with their present key. */
  withKey({ user }: RoomUser): RoomUser {
    return this.#renewed.get(user) ?? (people.find((person) => person.user === user) as RoomUser);
  }

  /** Gives a user another key, and offers the entry with it to both. With `forger`, another user has signed the renewal. */
  renewKey(
    person: RoomUser,
    { steps, forger }: { readonly steps: number; readonly forger: RoomUser | null },
  ): Verdicts {
    const { user, key: first } = this.withKey(person);
    const renewals: KeyRenewal[] = [];
    let latest = this.withKey(person);
    for (let number = 1; number <= steps; number++) {
      const next = withNewKey(user);
      const before = forger === null ? latest.signer : { ...latest.signer, sign: forger.signer.sign };
      renewals.push(makeKeyRenewal({ user, before, after: next.signer }, { serverId, number, madeAt: 0 }));
      latest = next;
    }
    const { room } = this;
    const payload = { v: 1, type: 'renew-key', room, author: user, first, renewals, at: 0 } as const;
    const verdicts = this.append(latest, sign(latest.signer, room, payload));
    if (verdicts.server === null) this.#renewed.set(user, latest);
    return verdicts;
  }

  get room(): string {
    return this.server.room;
  }

  /** Returns the author view of a user who has read all but the latest `unseen` entries. */
  viewBehind(unseen: number) {
    const seq = Math.max(1, this.server.head - unseen);
    return { seq, hash: this.#hashes[seq] ?? '' };
  }

  /** Offers an entry to both. It is appended if both accept it. */
  append(author: RoomUser, entry: SignedEntry): Verdicts {
    const payload = parsePayload('invite', entry.payload);
    const context = {
      state: this.server,
      view: this.#view,
      invitedAccount: accountOf(this.users.find(({ user }) => user === payload?.user)),
      judgeChain,
      now: 0,
    };
    return this.#compare(entry, () => admit(context, requestOf(author, entry)).change);
  }

  /** Offers a `revoke` of the server to both. */
  appendRevocation(entry: SignedEntry): Verdicts {
    return this.#compare(entry, () => {
      const change = admitRevocation(
        this.server,
        readRevocation(this.room, entry, [suite.verifier(authority.publicKey)]),
      );
      if (change === null) throw Object.assign(new Error('There is nothing to revoke.'), { code: 'replayed' });
      return change;
    });
  }

  #compare(entry: SignedEntry, admitted: () => RoomChange | null): Verdicts {
    const seq = this.server.head + 1;
    const after = applyEntry(this.readers, { seq, at: 0, entry }, crypto);
    // Members report a needless key, and take it.
    const readers =
      after.events.flatMap((event) =>
        event.kind === 'violation' && event.code !== 'needless-key' ? [event.code] : [],
      )[0] ?? null;
    try {
      const change = admitted();
      if (readers === null) {
        this.server = advance(this.server, { room: this.room, seq, at: 0, change });
        this.readers = after.state;
        this.#view.add(entry.type, entryHash(entry));
        this.#hashes.push(after.state.head.hash);
      }
      return { server: null, readers };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error;
      return { server: error.code, readers };
    }
  }
}
