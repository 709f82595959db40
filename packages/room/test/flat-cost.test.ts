/** An entry changes the state at the same cost whatever the number of members is. Counted, not timed. */
import { expect, test } from 'vitest';
import { applyBacklog, applyEntry, composeMessage, type LogItem, type RoomState } from '../src/index.ts';
import { copied } from '../src/user-map.ts';
import { crypto, three } from './support/people.ts';

/** Returns a state with so many further members, each with an author chain. Half as many have left, been removed or revoked. */
function enlarged(state: RoomState, members: number): RoomState {
  const [member] = state.members.values();
  if (member === undefined) throw new Error('the room has members');
  let large = state;
  for (let index = 0; index < members; index += 1) {
    const user = `user-${index}`;
    const fingerprint = crypto.fingerprint(new TextEncoder().encode(user));
    large = {
      ...large,
      members: large.members.put(fingerprint, { ...member, user, fingerprint, role: 'member', joinedAt: 1 }),
      authors: large.authors.put(fingerprint, { counter: 0, last: '0'.repeat(64) }),
    };
    if (index % 2 === 0) continue;
    const gone = fingerprint.slice(2) + fingerprint.slice(0, 2);
    large = {
      ...large,
      left: large.left.put(gone, 1),
      removed: large.removed.put(gone, { user: `gone-${index}`, seq: 1 }),
      revoked: large.revoked.put(gone, { user: `gone-${index}`, seq: 1 }),
    };
  }
  return large;
}

/** Returns what `work` copies of the maps of a state. */
function copiedBy(work: () => void): number {
  const before = copied.count;
  work();
  return copied.count - before;
}

/** A bucket for each first byte of a fingerprint, and twice as many values as one holds on average in a room of 5,000. */
const boundOfOneChange = 256 + 2 * Math.ceil(5_000 / 256);

test.each([10, 5_000])(
  'a message in a room of %i members copies one part of the author chains, and nothing else',
  (members) => {
    const { alice, bob, log } = three();
    log.people.splice(0, log.people.length);
    const items: LogItem[] = [];
    let writer = alice.state;
    for (const text of ['one', 'two', 'three']) {
      const item = { seq: writer.head.seq + 1, at: 0, entry: composeMessage(alice.author, writer, text) };
      writer = applyEntry(writer, item, crypto).state;
      items.push(item);
    }
    const start = enlarged(bob.state, members);
    const read = applyEntry(start, items[0] as LogItem, crypto);
    expect(read.events).toMatchObject([{ kind: 'message', text: 'one' }]);
    expect(copiedBy(() => applyEntry(start, items[0] as LogItem, crypto))).toBeLessThanOrEqual(boundOfOneChange);
    expect(copiedBy(() => applyBacklog(start, items, crypto))).toBeLessThanOrEqual(3 * boundOfOneChange);
    const lacking = { ...start, secrets: {} };
    expect(applyEntry(lacking, items[0] as LogItem, crypto).events).toMatchObject([{ kind: 'unreadable' }]);
    expect(copiedBy(() => applyEntry(lacking, items[0] as LogItem, crypto))).toBeLessThanOrEqual(boundOfOneChange);
    const { members: same, left, removed, revoked, invited } = read.state;
    const shared = [same, left, removed, revoked, invited];
    expect(
      shared.every(
        (map, index) => map === [start.members, start.left, start.removed, start.revoked, start.invited][index],
      ),
    ).toBe(true);
  },
);
