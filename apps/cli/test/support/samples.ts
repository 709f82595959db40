/** Rooms, members and events as the client library returns them. */
import type { ClientEvent, MemberView, RoomView } from '@chat/client';
import type { Policy } from '@chat/protocol';
import { sanitiseLine } from '@chat/safe-text';
import type { RoomEvent } from '../../src/client-event.ts';
import { noColours } from '../../src/screen/palette.ts';
import { noNotes, type Scene } from '../../src/screen/scene.ts';

export const fingerprint = 'ab'.repeat(32);

export const open: Policy = { join: 'open', history: 'since-join' };

/** What Alice sees in the lobby at 14:03, without colours. */
export const scene: Scene = {
  palette: noColours,
  now: 0,
  time: () => '14:03',
  me: 'alice',
  currentRoom: 'lobby',
  title: (name) => sanitiseLine(name),
  lookAlike: () => null,
  ...noNotes,
};

export const member = (user: string, more: Partial<MemberView> = {}): MemberView => ({
  user,
  fingerprint,
  role: 'member',
  online: true,
  heardAt: null,
  hub: false,
  me: false,
  verified: false,
  ...more,
});

/** A user knocks at the lobby with a key that the local user has not verified. */
export const knockEvent = (user: string, roomName = 'lobby') =>
  ({ kind: 'knock', roomId: `id of ${roomName}`, roomName, user, fingerprint, verified: false }) as const;

export const nothingUnread = { count: 0, mentions: 0, first: null };

export const view = (name: string, more: Partial<RoomView> = {}): RoomView => ({
  roomId: `id of ${name}`,
  roomName: name,
  policy: open,
  peer: null,
  members: [member('alice', { role: 'owner', hub: true, me: true })],
  connected: 1,
  invited: [],
  epoch: 1,
  hasKey: true,
  rekeying: false,
  caughtUp: true,
  removed: false,
  deleted: false,
  denied: false,
  leaving: false,
  left: false,
  unsent: 0,
  latest: null,
  unread: nothingUnread,
  notify: null,
  ...more,
});

export const messageEvent = (seq: number, user: string, text: string): RoomEvent => ({
  kind: 'message',
  seq,
  at: 0,
  epoch: 1,
  user,
  fingerprint,
  hash: fingerprint,
  text,
});

/** The direct room of alice and another user. */
export const direct = (peer: string, more: Partial<RoomView> = {}): RoomView =>
  view(`dm-${peer}`, { peer, policy: { join: 'direct', history: 'since-join' }, ...more });

/** What an event of an unreadable message has besides its position, user and epoch. */
export const unread = { fingerprint, hash: 'ab'.repeat(32), earlierKeys: [], mayHide: false };

export const roomEvent = (name: string, event: RoomEvent, live = true): ClientEvent => ({
  kind: 'room',
  roomId: `id of ${name}`,
  roomName: name,
  event,
  mine: 'user' in event && event.user === 'alice',
  live,
});

/** An event of the room `lobby` as a client reports it. */
export const inRoom = (
  event: RoomEvent,
  more: { roomName?: string; mine?: boolean; live?: boolean } = {},
): ClientEvent => ({
  ...{ kind: 'room', roomId: 'r1', roomName: 'lobby', mine: false, live: true },
  event,
  ...more,
});

/** Returns what a client reports of a renewed identity key, and of a room that has it. */
export const renewalEvents = (user: string): readonly ClientEvent[] => [
  { kind: 'identity-renewed', user, known: fingerprint, seen: fingerprint, verified: true },
  {
    ...{ kind: 'room', roomId: 'r1', roomName: 'lobby', mine: false, live: true },
    event: { kind: 'key-renewed', seq: 1, at: 0, user, fingerprint, before: [] },
  },
];
