/** The chat server with its store on disk, and with rooms that were filled before it starts. */
import { join } from 'node:path';
import { readCertificate } from '@chat/mini-ca';
import { encodeCbor, encodeEntryPush, fromBase64url } from '@chat/protocol';
import type { HeldCertificate } from '@chat/server-core';
import { openSqliteStore } from '@chat/store-sqlite';
import { FilledRoom } from '../filled-room.ts';
import type { World } from '../world.ts';
import type { Peer } from './peer.ts';
import { startScript } from './script.ts';

/** Returns the bytes that the chat sends to a member for one message with this text. */
export function deliveryBytes(world: World, text: string): number {
  const room = FilledRoom.create({ append: async () => undefined }, world, 'room');
  room.rekey();
  const push = encodeEntryPush(0, { seq: room.state.head.seq + 1, at: Date.now(), entry: room.compose(text) });
  if (push === null) throw new Error('A message has no compact form.');
  return push.length;
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
    for (const [index, [owner = 0, ...others]] of rooms.entries()) {
      const room = FilledRoom.create(store, world, `room-${index}`, { owner });
      room.join(others);
      room.rekey();
      await room.filled();
      filled.push(room);
    }
    await store.close();
    const [first] = filled;
    const message = first === undefined ? '' : Buffer.from(encodeCbor(first.compose(text))).toString('base64');
    const server = await startScript('chat-server.ts', { worldFile, store: path }, nodeOptions());
    return { ...server, rooms: filled.map(({ state }) => ({ id: state.room, head: state.head })), message };
  },
});
