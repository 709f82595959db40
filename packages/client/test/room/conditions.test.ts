/** Waits end after their time limit, but not while the client still reads the backlog: thousands of joins take long to verify. */
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { ClientError } from '../../src/errors.ts';
import { Conditions } from '../../src/room/conditions.ts';
import { ManualClock } from '../support/manual-clock.ts';

const limit = { timeoutMs: 20_000, failure: () => new ClientError('timed-out', 'It took too long.') };

function setUp(readUpTo: number | null) {
  const clock = new ManualClock();
  const log = { readUpTo, isJoined: false };
  const conditions = new Conditions(clock, () => log.readUpTo);
  const waited = conditions.until(() => log.isJoined, limit);
  const outcome = { ended: false };
  waited.then(
    () => Object.assign(outcome, { ended: true }),
    () => Object.assign(outcome, { ended: true }),
  );
  return { clock, log, conditions, waited, outcome };
}

test('a wait goes on while the backlog is read, and is met at its end', async () => {
  const { clock, log, conditions, waited, outcome } = setUp(0);
  for (let part = 1; part <= 10; part += 1) {
    log.readUpTo = 1_000 * part;
    await clock.advance(limit.timeoutMs);
  }
  expect(outcome.ended).toBe(false);
  log.isJoined = true;
  conditions.check();
  await waited;
});

test('a wait ends when nothing more of the backlog is read within the limit', async () => {
  const { clock, log, waited, outcome } = setUp(0);
  log.readUpTo = 1_000;
  await clock.advance(limit.timeoutMs);
  expect(outcome.ended).toBe(false);
  await clock.advance(limit.timeoutMs);
  expect(await rejectedCode(waited)).toBe('timed-out');
});

test('a wait ends at the limit once the log was read to its end', async () => {
  const { clock, waited } = setUp(null);
  await clock.advance(limit.timeoutMs);
  expect(await rejectedCode(waited)).toBe('timed-out');
});
