/** The request rate of a connection, before and after its login. */
import { beforeEach, describe, expect, test } from 'vitest';
import { defaultLimits } from '../../src/index.ts';
import { type RequestRate, RequestRates } from '../../src/throttle/request-rate.ts';

const limits = {
  ...defaultLimits,
  unprovenCost: 10,
  unprovenBytes: 1_000,
  requestsPerSecond: 10,
  requestBurst: 100,
  bytesPerSecond: 1_000,
  byteBurst: 10_000,
};

let now = 0;
let rates: RequestRates;
let rate: RequestRate;

beforeEach(() => {
  now = 1_000_000;
  rates = new RequestRates(limits, () => now);
  rate = rates.start();
});

describe('a connection before its login', () => {
  test('is refused beyond its cost, and disconnected beyond twice as much', () => {
    expect([rate.request(10), rate.request(1), rate.request(9), rate.request(1)]).toEqual([
      'accept',
      'refuse',
      'refuse',
      'disconnect',
    ]);
  });

  test('gains nothing with time', () => {
    expect([rate.request(10), rate.received(2_000)]).toEqual(['accept', 'accept']);
    now += 60_000;
    expect(rate.request(1)).toBe('refuse');
    expect(rate.received(1)).toBe('disconnect');
  });

  test('counts 256 bytes for each chunk at least', () => {
    const verdicts = Array.from({ length: 8 }, () => rate.received(1));
    expect(verdicts.indexOf('disconnect')).toBe(7);
  });

  test('has its requests refused for bytes beyond the limit, and is then disconnected for them', () => {
    expect([rate.received(1_001), rate.request(1)]).toEqual(['accept', 'refuse']);
    expect([rate.received(1_000), rate.request(1)]).toEqual(['disconnect', 'disconnect']);
  });
});

describe('a user', () => {
  test('has one rate over all connections, to which each adds what it used before its login', () => {
    const other = rates.start();
    rate.request(10);
    rate.received(500);
    rates.assign(rate, 'alice');
    rates.assign(other, 'alice');
    expect(other.request(90)).toBe('accept');
    expect(rate.request(1)).toBe('refuse');
    now += 100;
    expect(rate.request(0)).toBe('accept');
    expect(other.received(9_500 + 100 + 10_000)).toBe('accept');
    expect(rate.received(64)).toBe('disconnect');
  });

  test('wakes the server a bounded number of times in a second, however short the records are', () => {
    const user = new RequestRates(defaultLimits, () => now);
    const one = user.start();
    user.assign(one, 'alice');
    const { bytesPerSecond, byteBurst } = defaultLimits;
    for (let records = 0; records < (2 * byteBurst) / 256; records++) expect(one.received(1)).toBe('accept');
    expect(one.received(1)).toBe('disconnect');
    now += 1_000;
    // The one that was too many counts too.
    for (let records = 1; records < bytesPerSecond / 256; records++) expect(one.received(1)).toBe('accept');
    expect(one.received(1)).toBe('disconnect');
  });

  test('is in debt after more requests or more bytes than could be saved, and no other user with this one', () => {
    rates.assign(rate, 'alice');
    expect(rates.isInDebt('alice')).toBe(false);
    rate.request(100);
    expect(rates.isInDebt('alice')).toBe(false);
    rate.request(1);
    expect([rates.isInDebt('alice'), rates.isInDebt('bob')]).toEqual([true, false]);
    now += 100;
    expect(rates.isInDebt('alice')).toBe(false);
    rate.received(10_000);
    expect(rates.isInDebt('alice')).toBe(false);
    rate.received(64);
    expect(rates.isInDebt('alice')).toBe(true);
  });
});
