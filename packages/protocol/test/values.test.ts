import { expect, test } from 'vitest';
import {
  emptyLogHash,
  type Fingerprint,
  type RoomId,
  type RoomName,
  roomName,
  type UserName,
  userName,
} from '../src/index.ts';

interface Ids {
  readonly user: UserName;
  readonly roomName: RoomName;
  readonly roomId: RoomId;
  readonly fingerprint: Fingerprint;
}

/** For each pair of kinds, true when a value of the first is accepted where the second is expected. */
type Accepted = { readonly [A in keyof Ids]: { readonly [B in keyof Ids]: Ids[A] extends Ids[B] ? true : false } };

/** `tsc` checks this table; at run time it holds no more than what is written here. */
const accepted: Accepted = {
  user: { user: true, roomName: false, roomId: false, fingerprint: false },
  roomName: { user: false, roomName: true, roomId: false, fingerprint: false },
  roomId: { user: false, roomName: false, roomId: true, fingerprint: false },
  fingerprint: { user: false, roomName: false, roomId: false, fingerprint: true },
};

test('ids of different kinds do not mix', () => {
  const { roomId, name }: { roomId: RoomId; name: RoomName } = { roomId: 'ab'.repeat(32), name: 'lobby' };
  expect(emptyLogHash(roomId)).toHaveLength(64);
  // @ts-expect-error A room name is not a room id.
  expect(() => emptyLogHash(name)).toThrow();
  for (const [kind, row] of Object.entries(accepted)) {
    expect(Object.entries(row).filter(([, isAccepted]) => isAccepted)).toEqual([[kind, true]]);
  }
});

test('a schema returns an id of its kind', () => {
  const user: UserName = userName.parse('alice');
  const name: RoomName = roomName.parse('lobby');
  // @ts-expect-error A user name is not a room name.
  const mixed: RoomName = userName.parse('alice');
  expect([user, name, mixed]).toEqual(['alice', 'lobby', 'alice']);
});

test.each(['a', 'alice', 'a-b_c', '0x', 'a'.repeat(32)])('%j is a user name', (name) => {
  expect(userName.safeParse(name).success).toBe(true);
});

test.each(['', 'Alice', '-a', 'a b', 'a\n', 'а', 'a\u0000', 'a'.repeat(33), '../a'])(
  '%j is not a user name',
  (name) => {
    expect(userName.safeParse(name).success).toBe(false);
    expect(roomName.safeParse(name).success).toBe(name.length === 33);
  },
);
