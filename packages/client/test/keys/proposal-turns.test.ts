/** How much of the event loop the key of a large room takes at its hub: on a manual clock, which counts work and not time. */
import { setImmediate } from 'node:timers/promises';
import { wrapBytes } from '@chat/protocol';
import { beforeEach, expect, test } from 'vitest';
import { proposeEpoch } from '../../src/keys/epoch-proposal.ts';
import { Turns } from '../../src/scheduler.ts';
import { type FakeMember, FakeRoom } from '../support/fake-room.ts';

let fakeRoom: FakeRoom;
let alice: FakeMember;

beforeEach(async () => {
  fakeRoom = new FakeRoom();
  [alice] = (await fakeRoom.enter('alice', 'bob')) as [FakeMember];
  for (const { ring } of fakeRoom.members) ring.disconnected();
});

/** Adds members to the room, by Alice's state alone. */
function fill(size: number): void {
  const { members } = alice.state;
  const own = members.get(alice.fingerprint);
  if (own === undefined) throw new Error('alice is no member');
  const many = Array.from({ length: size - members.size }, (_, index) => ({
    ...own,
    user: `p${index}`,
    fingerprint: index.toString(16).padStart(4, '0').padEnd(64, '0'),
  }));
  alice.take({
    ...alice.state,
    members: many.reduce((all, member) => all.put(member.fingerprint, member), members),
  });
}

/** Lets Alice make an epoch over links that are open. Returns the work of each turn, and the turns at each request. */
async function makeEpoch() {
  const { context, room } = alice;
  const { outgoing } = context;
  let steps = 0;
  const turns: number[] = [];
  const requests: Record<string, number> = {};
  const count = <A extends unknown[], R>(result: (...args: A) => R) => {
    return (...args: A): R => {
      steps += 1;
      return result(...args);
    };
  };
  const scheduler = {
    now: () => fakeRoom.clock.now(),
    after: (ms: number, action: () => void) => {
      turns.push(steps);
      steps = 0;
      return fakeRoom.clock.after(ms, action);
    },
  };
  const warm = {
    inTurn: outgoing.inTurn.bind(outgoing),
    isUsable: count(() => true),
    wrap: count(() => new Uint8Array(wrapBytes).fill(1)),
  };
  const request: typeof context.request = async (operation) => {
    requests[operation] = turns.length;
    return (operation === 'put-wraps' ? { unknown: [], unread: [] } : { seq: 1, at: 0 }) as never;
  };
  const own = { ...context, scheduler, request, outgoing: { ...outgoing, ...warm } as never };
  let ended = false;
  const proposing = proposeEpoch(own, room, () => {}).finally(() => {
    ended = true;
  });
  while (!ended) {
    await fakeRoom.clock.advance(0);
    await setImmediate();
  }
  expect(await proposing).toEqual([]);
  turns.push(steps);
  return { turns, requests };
}

test.each([1_000, 5_000])('of %i members: looks for links, wraps and hashes in parts', async (size) => {
  fill(size);
  const { turns, requests } = await makeEpoch();
  const sum = turns.reduce((all, steps) => all + steps, 0);
  // Each link is looked up twice, and used once.
  expect(sum).toBe(3 * (size - 1));
  expect(Math.max(...turns)).toBeLessThanOrEqual(256);
  // Two hashes for each recipient, eight of them in a step.
  const { 'put-wraps': put = 0, append = 0 } = requests;
  expect(append - put).toBeGreaterThanOrEqual(Math.floor((2 * size) / 8 / 256));
});

test('a step with a weight counts as many steps of a turn', async () => {
  const turns = new Turns(fakeRoom.clock);
  const over = (weight: number) => {
    let count = 1;
    while (!turns.isOver(weight)) count += 1;
    return count;
  };
  expect([over(1), over(20), over(300)]).toEqual([256, 13, 1]);
  let ended = false;
  const done = turns.step(300).then(() => {
    ended = true;
  });
  await setImmediate();
  expect(ended).toBe(false);
  await fakeRoom.clock.advance(0);
  await done;
});
