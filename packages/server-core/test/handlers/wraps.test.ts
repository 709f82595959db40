/** How much of the event loop the wraps of a large room take. */
import { setImmediate } from 'node:timers/promises';
import { wrapBytes } from '@chat/protocol';
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { StagedWraps } from '../../src/domain/keys/staged-wraps.ts';
import type { MemberCall } from '../../src/handlers/chat-call.ts';
import { putWraps } from '../../src/handlers/wraps.ts';
import type { RecipientRange } from '../../src/ports/link-store.ts';

const fingerprintOf = (index: number) => index.toString(16).padStart(64, '0');

/** Puts the wraps of a room of so many members. Returns the turns of the event loop that other work got, and what is left to hash. */
async function putIn(size: number) {
  const room = 'a'.repeat(64);
  const members = Array.from({ length: size }, (_, index) => ({
    user: `p${index}`,
    fingerprint: fingerprintOf(index),
    joinedAt: 1,
  }));
  const links = new Map(members.map(({ fingerprint }) => [`${fingerprint} 0101010101010101`, false]));
  const wraps = new StagedWraps();
  const call = {
    room: { members, invited: [], epoch: null },
    caller: { fingerprint: fingerprintOf(0) },
    services: { links: { live: async () => links } },
    wraps,
  } as unknown as MemberCall;
  let [turns, ended] = [0, false];
  const request = {
    room,
    number: 1,
    kind: 'fresh',
    first: 0,
    wraps: new Uint8Array(wrapBytes * size).fill(1),
  } as const;
  const putting = putWraps(request, call).finally(() => {
    ended = true;
  });
  for (; !ended; turns++) await setImmediate();
  expect(await putting).toEqual({ unknown: [], unread: [] });
  const hashes = wraps.take({ room, number: 1, kind: 'fresh' })?.hashes;
  return { turns, left: [...(hashes?.fill() ?? [])].length };
}

test('are hashed when they arrive, in several turns of the event loop, and not when the entry comes', async () => {
  const small = await putIn(20);
  const large = await putIn(5_000);
  // One turn for the look-up, and one for every 16 of 157 sheets.
  expect([large.turns - small.turns, small.left, large.left]).toEqual([10, 0, 0]);
});

test('look up the links to their own recipients, in whatever order these have joined', async () => {
  const members = [5, 3, 9, 1, 7].map((index) => ({
    user: `p${index}`,
    fingerprint: fingerprintOf(index),
    joinedAt: 1,
  }));
  const asked: unknown[] = [];
  const live = async (_: string, { first, last }: RecipientRange) => {
    asked.push([first, last]);
    return new Map();
  };
  const call = {
    room: { members, invited: [], epoch: null },
    caller: { fingerprint: fingerprintOf(1) },
    services: { links: { live } },
    wraps: new StagedWraps(),
  } as unknown as MemberCall;
  const request = {
    room: 'a'.repeat(64),
    number: 1,
    kind: 'fresh',
    wraps: new Uint8Array(2 * wrapBytes).fill(1),
  } as const;
  expect(await putWraps({ ...request, first: 1 }, call)).toEqual({ unknown: [1, 2], unread: [] });
  expect(asked).toEqual([[fingerprintOf(3), fingerprintOf(5)]]);
  expect(await rejectedCode(putWraps({ ...request, first: 4 }, call))).toBe('wraps-mismatch');
});
