/** The state of a client in a room of any size, made without its entries. */
import { sha256Hex, utf8 } from '@chat/protocol';
import { emptyRoom, UserMap } from '@chat/room';
import { emptyStored, type Stored, type StoredRoom } from '../../src/storage/stored-state.ts';

/** The id of the room. */
export const largeRoom = 'a'.repeat(64);

/** Returns a fingerprint for a number, spread as hashes are. */
export const fingerprintAt = (index: number): string =>
  (Math.imul(index + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0').repeat(8);

const mapOf = <T>(size: number, value: (index: number) => T): UserMap<T> =>
  UserMap.of(Object.fromEntries(Array.from({ length: size }, (_, index) => [fingerprintAt(index), value(index)])));

/** Returns a state with so many members, each with a link from and to the local user. */
export function largeState(size: number): Stored {
  const members = mapOf(size, (index) => ({
    user: `user-${index}`,
    fingerprint: fingerprintAt(index),
    key: 'K'.repeat(160),
    joinedAt: index + 1,
    readsFrom: index + 1,
    role: 'member' as const,
    roleSeq: index + 1,
  }));
  const room: StoredRoom = {
    name: 'plaza',
    state: {
      ...emptyRoom(largeRoom, fingerprintAt(0)),
      members,
      authors: mapOf(size, (index) => ({ counter: index, last: fingerprintAt(index) })),
    },
    outbox: [],
    heard: mapOf(size, () => ({ at: 1, seenAt: 1 })),
  };
  const pins = [...members].map(([fingerprint, { user }]) => [user, { fingerprint, verified: false }]);
  return {
    ...emptyStored,
    pins: UserMap.of(Object.fromEntries(pins)),
    seenPrekeys: mapOf(size, (index) => ({ id: fingerprintAt(index).slice(32), madeAt: 1 })),
    links: {
      senders: Object.fromEntries(
        [...members].map(([to]) => [to, { link: { secret: linkSecret(to, 0) }, openedAt: 1 }]),
      ),
      recipients: [],
      unconfirmed: [],
    },
    rooms: { [largeRoom]: room },
  };
}

/** The secret of a link at one of its steps. */
export const linkSecret = (to: string, step: number): string => `link of ${to.slice(0, 16)} at ${step}`;

/** Returns the state after a message of a member was read. */
export function withMessage(state: Stored, index: number, counter: number): Stored {
  const room = state.rooms[largeRoom] as StoredRoom;
  const by = fingerprintAt(index);
  const authors = room.state.authors.put(by, { counter, last: fingerprintAt(counter) });
  const heard = UserMap.of(room.heard ?? {}).put(by, { at: counter, seenAt: counter });
  const head = { seq: counter, hash: fingerprintAt(counter) };
  return { ...state, rooms: { [largeRoom]: { ...room, state: { ...room.state, authors, head }, heard } } };
}

/** Returns the state after each link to another member was used. */
export function withSteps(state: Stored, step: number): Stored {
  const { senders, ...links } = state.links ?? { senders: {}, recipients: [], unconfirmed: [] };
  const used = Object.entries(senders).map(([to, held]) => [to, { ...held, link: { secret: linkSecret(to, step) } }]);
  return { ...state, links: { ...links, senders: Object.fromEntries(used) } };
}

/** Returns a hash of a state as JSON has it, whatever the order of its fields is. */
export function digestOf(state: Stored): string {
  const ordered = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  return sha256Hex(utf8(JSON.stringify(JSON.parse(JSON.stringify(state)), (_, value: unknown) => ordered(value))));
}
