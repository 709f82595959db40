/** What is certain of a call when the program that was asked is gone, or the caller ends. */
import { rejectedCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { systemScheduler } from '../../../src/node/scheduler.ts';
import { type PendingCall, PendingCalls } from '../../../src/node/shared/pending-calls.ts';

/** Longer than any test. */
const timeoutMs = 3_600_000;

/** Calls of four kinds: a message that no program has, one that was passed on, one that is kept, and a list. */
function someCalls() {
  const calls = new PendingCalls();
  const begun: PendingCall[] = [];
  const add = (method: PendingCall['method'], change: Partial<PendingCall>) =>
    calls.add(method, [], (call) => void begun.push(Object.assign(call, change)));
  const outcomes = [
    add('send', {}),
    add('send', { wasPassedOn: true }),
    add('send', { wasPassedOn: true, isKept: true }),
    add('listRooms', { wasPassedOn: true }),
  ];
  return { calls, begun, codes: Promise.all(outcomes.map((outcome) => rejectedCode(outcome))) };
}

describe('a call without an answer', () => {
  test('ends with the program, and says of a message whether it is kept', async () => {
    const { calls, codes } = someCalls();
    calls.close();
    expect(await codes).toEqual(['not-kept', 'not-kept', 'closed', 'closed']);
    expect([...calls]).toEqual([]);
  });

  test('fails with the error for which the profile cannot be opened, except a message that is kept', async () => {
    const { calls, codes } = someCalls();
    calls.failAll(Object.assign(new Error('no'), { code: 'profile-in-use' }));
    expect(await codes).toEqual(['profile-in-use', 'profile-in-use', 'closed', 'profile-in-use']);
  });

  test('stays when another program can carry it out again, and else has an unknown outcome', async () => {
    const calls = new PendingCalls();
    const created = rejectedCode(calls.add('createRoom', ['den'], () => undefined));
    for (const method of ['send', 'listRooms'] as const) void calls.add(method, [], () => undefined);
    calls.lost();
    expect(await created).toBe('outcome-unknown');
    expect([...calls].map(({ method }) => method)).toEqual(['send', 'listRooms']);
  });

  test('is waited for until its message is kept or delivered, or has failed', async () => {
    const calls = new PendingCalls();
    await calls.kept(systemScheduler, timeoutMs);
    const begun: PendingCall[] = [];
    const add = (method: PendingCall['method']) => calls.add(method, [], (call) => void begun.push(call));
    void add('listRooms');
    const delivered = add('send');
    void add('send');
    const failed = rejectedCode(add('send'));
    let isOver = false;
    const waiting = calls.kept(systemScheduler, timeoutMs).then(() => {
      isOver = true;
    });
    const [, first, second, third] = begun as [PendingCall, PendingCall, PendingCall, PendingCall];
    calls.settle(first, { seq: 1 });
    calls.keep(second);
    expect(await delivered).toEqual({ seq: 1 });
    expect(isOver).toBe(false);
    calls.fail(third, Object.assign(new Error('no'), { code: 'removed' }));
    await waiting;
    expect(await failed).toBe('removed');
  });

  test('is not waited for any longer than that', async () => {
    const calls = new PendingCalls();
    void calls.add('send', [], () => undefined);
    await calls.kept(systemScheduler, 1);
  });
});
