/** A state that is split into parts and put together again is the same state, whatever has changed since a part was stored. */
import { UserMap } from '@chat/room';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinState, type StoredParts, splitState } from '../../src/storage/stored-parts.ts';
import { parseStored, readStored, type Stored, type StoredRoom } from '../../src/storage/stored-state.ts';
import { digestOf, fingerprintAt, largeRoom, largeState, withMessage, withSteps } from '../support/large-state.ts';

/** A disk: the root, and the parts by name, all as JSON. */
class Disk {
  root = '';
  parts: StoredParts = new Map();
  files = new Map<string, string>();
  #count = 0;

  copy(): Disk {
    return Object.assign(new Disk(), { root: this.root, files: this.files });
  }

  save(state: Stored): void {
    const { root, parts } = splitState(state, this.parts, () => (++this.#count).toString(16).padStart(32, '0'));
    for (const { file, value } of parts.values())
      if (!this.files.has(file)) this.files.set(file, JSON.stringify(value));
    this.root = JSON.stringify(root);
    this.parts = parts;
  }

  /** Opens it as the next start of a client does. */
  async open(): Promise<Stored> {
    const { state, parts } = await joinState(JSON.parse(this.root), async (file) =>
      JSON.parse(this.files.get(file) ?? 'null'),
    );
    this.parts = parts;
    const stored = readStored(state);
    if (typeof stored === 'string') throw new Error(stored);
    return stored;
  }
}

function withMember(state: Stored, index: number, isThere: boolean): Stored {
  const room = state.rooms[largeRoom] as StoredRoom;
  const [by, user] = [fingerprintAt(index), `user-${index}`];
  const { members } = room.state;
  const [member] = members.values();
  if (member === undefined) return state;
  const changed = isThere ? members.put(by, { ...member, user, fingerprint: by }) : members.without(by);
  const pins = UserMap.of(state.pins).put(user, { fingerprint: by, verified: isThere });
  const left = room.state.left.put(by, index);
  return { ...state, pins, rooms: { [largeRoom]: { ...room, state: { ...room.state, members: changed, left } } } };
}

const seen = (state: Stored, turn: number): Stored => {
  const room = state.rooms[largeRoom] as StoredRoom;
  const users = Array.from({ length: turn % 3 === 0 ? 900 : 3 }, (_, index) => fingerprintAt(index));
  const invitations = Object.fromEntries(users.map((user) => [user, { seq: turn, since: turn }]));
  return { ...state, rooms: { [largeRoom]: { ...room, invitations } } };
};

const index = fc.nat(400);
const change = fc.oneof(
  fc.tuple(index, fc.nat()).map(
    ([who, at]) =>
      (state: Stored) =>
        withMessage(state, who, at),
  ),
  fc.tuple(index, fc.boolean()).map(
    ([who, isThere]) =>
      (state: Stored) =>
        withMember(state, who, isThere),
  ),
  fc.nat(9).map((step) => (state: Stored) => withSteps(state, step)),
  fc.nat(9).map((turn) => (state: Stored) => seen(state, turn)),
);
/** What changes between two saves: often little, sometimes more than a part takes. */
const turns = fc.array(fc.record({ changes: fc.array(change, { maxLength: 200, size: 'max' }), opens: fc.boolean() }), {
  maxLength: 8,
});

test('is the same state after every save, over restarts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(3, 128, 129, 300), turns, async (size, series) => {
      const disk = new Disk();
      let state = largeState(size);
      disk.save(state);
      for (const { changes, opens } of series) {
        for (const apply of changes) state = apply(state);
        disk.save(state);
        const opened = await disk.copy().open();
        expect(digestOf(opened)).toBe(digestOf(state));
        if (opens) state = await disk.open();
      }
    }),
    { numRuns: 10 },
  );
});

test('a small state has no parts, and is stored as it always was', () => {
  const state = largeState(20);
  const { root, parts } = splitState(state, new Map(), () => expect.unreachable('no part is made'));
  expect(parts.size).toBe(0);
  expect(JSON.stringify(root)).toBe(JSON.stringify(state));
  expect(parseStored(JSON.stringify(root))).not.toBe('damaged');
});

test('a message in a room of 5,000 members leaves all parts as they are, also after a restart', async () => {
  const disk = new Disk();
  disk.save(largeState(5_000));
  const files = [...disk.files.keys()];
  expect(files.length).toBeGreaterThan(4);
  let state = await disk.open();
  for (let count = 0; count < 50; count += 1) {
    state = withMessage(state, count, 10_000 + count);
    disk.save(state);
  }
  expect([...disk.files.keys()]).toEqual(files);
  for (let count = 50; count < 200; count += 1) {
    state = withMessage(state, count, 10_000 + count);
    disk.save(state);
  }
  // The chains of the authors and what was heard of them, once each.
  expect(disk.files.size).toBe(files.length + 2);
});

test('looks at what has changed, and not at all members', async () => {
  const disk = new Disk();
  disk.save(largeState(5_000));
  let state = await disk.open();
  disk.save(state);
  const counted = (map: UserMap<unknown>) =>
    Object.defineProperty(map, 'toJSON', { value: () => expect.unreachable('the whole map is not stored') });
  for (const { value } of disk.parts.values()) if (value instanceof UserMap) counted(value);
  for (let count = 0; count < 20; count += 1) {
    state = withMessage(state, count, 10_000 + count);
    const { authors } = (state.rooms[largeRoom] as StoredRoom).state;
    counted(authors);
    disk.save(state);
  }
  expect(JSON.parse(disk.root).rooms[largeRoom].state.head.seq).toBe(10_019);
});
