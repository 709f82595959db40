/** The chat server with its store on disk, and with rooms that were filled before it starts. */
import { join } from 'node:path';
import { readCertificate } from '@chat/mini-ca';
import {
  emptyLogHash,
  encodeCbor,
  encodeEntryPush,
  entryHash,
  fromBase64url,
  nextLogHash,
  type SignedEntry,
} from '@chat/protocol';
import {
  type Author,
  applyEntry,
  composeCreate,
  composeEpoch,
  composeJoin,
  composeMessage,
  createRoomCrypto,
  emptyRoom,
  type RoomState,
} from '@chat/room';
import type { Appending, HeldCertificate, RoomChange, Store } from '@chat/server-core';
import { openSqliteStore } from '@chat/store-sqlite';
import type { LoadRoom } from '../dialects/dialect.ts';
import { signerOf, userAt, type World } from '../world.ts';
import type { Peer } from './peer.ts';
import { startScript } from './script.ts';

/** A room that is filled: its place for the load, and the state with which a member composes messages. */
interface FilledRoom {
  readonly room: LoadRoom;
  readonly author: Author;
  readonly state: RoomState;
}

const crypto = createRoomCrypto();
const trusting = { ...crypto, verify: () => true };

function authorAt(world: World, index: number): Author {
  const account = userAt(world, index);
  return { user: account.user, signer: signerOf(account), crypto, now: Date.now() };
}

const policy = { join: 'open', history: 'since-join' } as const;

/** Returns the bytes that the chat sends to a member for one message with this text. */
export function deliveryBytes(world: World, text: string): number {
  const author = authorAt(world, 0);
  const at = Date.now();
  const { roomId, entry: create } = composeCreate(author, 'room', policy);
  const { state: created } = applyEntry(
    emptyRoom(roomId, author.signer.fingerprint),
    { seq: 1, at, entry: create },
    trusting,
  );
  const { entry: epoch, state: keyed } = composeEpoch(author, created, new Map());
  const { state } = applyEntry(keyed, { seq: 2, at, entry: epoch }, trusting);
  const push = encodeEntryPush(0, { seq: 3, at, entry: composeMessage(author, state, text) });
  if (push === null) throw new Error('A message has no compact form.');
  return push.length;
}

/** Creates a room with these members, and its first key. */
async function fillRoom(
  { store, world }: { readonly store: Store; readonly world: World },
  name: string,
  members: readonly number[],
): Promise<FilledRoom> {
  const [owner = 0, ...others] = members;
  const author = authorAt(world, owner);
  const { roomId, entry: create } = composeCreate(author, name, policy);
  let state = emptyRoom(roomId, author.signer.fingerprint);
  let logHash = emptyLogHash(roomId);
  const stored: Promise<void>[] = [];
  const append = (entry: SignedEntry, user: string, change: RoomChange): void => {
    const seq = state.head.seq + 1;
    const [hash, at] = [entryHash(entry), Date.now()];
    logHash = nextLogHash(logHash, { seq, type: entry.type, hash });
    const appending: Appending = {
      room: roomId,
      seq,
      at,
      hash,
      logHash,
      entry,
      author: user,
      cid: hash.slice(0, 32),
      change,
    };
    stored.push(store.append(appending));
    ({ state } = applyEntry(state, { seq, at, entry }, trusting));
  };
  const { user } = author;
  const { fingerprint } = author.signer;
  append(create, user, { kind: 'create', name, policy, user, fingerprint });
  for (const index of others) {
    const member = authorAt(world, index);
    const identity = { user: member.user, fingerprint: member.signer.fingerprint };
    append(composeJoin(member, roomId, 1), member.user, { kind: 'join', ...identity, readsFrom: state.head.seq + 1 });
  }
  const { entry, state: keyed } = composeEpoch(author, state, new Map());
  state = keyed;
  const seq = state.head.seq + 1;
  const mark = { number: 1, hash: entryHash(entry), answers: state.membershipSeq, freshSeq: seq, freshAt: Date.now() };
  append(entry, user, { kind: 'epoch', epoch: mark, wraps: [] });
  await Promise.all(stored);
  return { room: { id: roomId, head: state.head }, author, state };
}

/** A user's certificate, as the directory has it. */
function held(user: string, certificate: string): HeldCertificate {
  const { serial, notAfter } = readCertificate(certificate);
  return { serial, user, notAfter: notAfter.getTime() };
}

/** The options with which `start` of apps/server starts Node, and those of `CHAT_BENCH_NODE` (`--cpu-prof`). */
const nodeOptions = (): string[] => [
  '--max-semi-space-size=4',
  ...(process.env['CHAT_BENCH_NODE'] ?? '').split(' ').filter((option) => option !== ''),
];

/** The chat server. */
export const chatServer = (text: string): Peer => ({
  name: 'chat',
  dialect: 'chat',
  messageBytes: text.length,
  missing: null,
  async start({ world, worldFile, folder, rooms }) {
    const path = join(folder, 'chat.db');
    const store = await openSqliteStore(path);
    const accounts = world.users.map(({ user, fingerprint, identity }) => ({
      user,
      fingerprint,
      identity: fromBase64url(identity),
      enrolledAt: Date.now(),
    }));
    await Promise.all(accounts.map((account) => store.register(account, null)));
    await Promise.all(world.users.map(({ user, certificate }) => store.assignCertificate(held(user, certificate), 1)));
    const filled: FilledRoom[] = [];
    for (const [index, members] of rooms.entries()) {
      filled.push(await fillRoom({ store, world }, `room-${index}`, members));
    }
    await store.close();
    const [first] = filled;
    const message =
      first === undefined
        ? ''
        : Buffer.from(encodeCbor(composeMessage(first.author, first.state, text))).toString('base64');
    const server = await startScript('chat-server.ts', { worldFile, store: path }, nodeOptions());
    return { ...server, rooms: filled.map(({ room }) => room), message };
  },
});
