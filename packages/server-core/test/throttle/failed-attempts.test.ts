/** Failed attempts to log in or to enrol, by host and in all. */
import { beforeEach, describe, expect, test } from 'vitest';
import { FailedAttempts } from '../../src/throttle/failed-attempts.ts';

const limits = { failuresPerHostAndMinute: 3, failuresPerMinute: 5 };

let now = 0;
let attempts: FailedAttempts;

beforeEach(() => {
  now = 1_000_000;
  attempts = new FailedAttempts(limits, () => now);
});

const fail = (host: string, times: number) => {
  for (let count = 0; count < times; count++) attempts.note(host);
};

describe('a host', () => {
  test('may fail so often in a minute, and then waits until it has one attempt again', () => {
    fail('10.0.0.1', 2);
    expect(attempts.mayTry('10.0.0.1')).toBe(true);
    fail('10.0.0.1', 1);
    expect(attempts.mayTry('10.0.0.1')).toBe(false);
    expect(attempts.mayTry('10.0.0.2')).toBe(true);
    now += 19_999;
    expect(attempts.mayTry('10.0.0.1')).toBe(false);
    now += 1;
    expect(attempts.mayTry('10.0.0.1')).toBe(true);
  });
});

describe('too many failures in all', () => {
  test('keep out hosts that have failed lately, and no others', () => {
    fail('10.0.0.1', 2);
    fail('10.0.0.2', 2);
    expect(attempts.mayTry('10.0.0.1')).toBe(true);
    fail('10.0.0.3', 1);
    expect(attempts.mayTry('10.0.0.1')).toBe(false);
    // One failure is enough.
    expect(attempts.mayTry('10.0.0.3')).toBe(false);
    expect(attempts.mayTry('10.0.0.4')).toBe(true);
  });

  test('keep out no host any more once the server can spare an attempt again', () => {
    fail('10.0.0.1', 2);
    fail('10.0.0.2', 3);
    expect(attempts.mayTry('10.0.0.1')).toBe(false);
    now += 12_000;
    expect(attempts.mayTry('10.0.0.1')).toBe(true);
  });
});
