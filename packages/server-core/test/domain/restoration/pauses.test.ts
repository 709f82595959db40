/** How long new entries of a room wait while members give entries back. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Pauses } from '../../../src/domain/restoration/pauses.ts';

const den = 'a'.repeat(64);
const attic = 'b'.repeat(64);
const idleMs = 5_000;
const longestMs = 180_000;

let pauses: Pauses;
let abandoned: string[];
beforeEach(() => {
  vi.useFakeTimers();
  abandoned = [];
  pauses = new Pauses({ clock: Date.now, abandoned: (roomId) => abandoned.push(roomId) });
});
afterEach(() => void vi.useRealTimers());

test('a pause ends with the last member who has given everything back', async () => {
  pauses.begin(den, 'alice');
  pauses.begin(den, 'bob');
  const ended = pauses.of(den);
  expect(pauses.of(attic)).toBeNull();
  expect(pauses.end(den, 'carol')).toBe(false);
  expect(pauses.end(den, 'alice')).toBe(false);
  expect(pauses.of(den)).toBe(ended);
  expect(pauses.end(den, 'bob')).toBe(true);
  await ended;
  expect(pauses.of(den)).toBeNull();
  vi.advanceTimersByTime(idleMs);
  expect(abandoned).toEqual([]);
});

test('a pause ends when no member goes on', async () => {
  pauses.begin(den, 'alice');
  const ended = pauses.of(den);
  vi.advanceTimersByTime(idleMs - 1);
  pauses.prolong(den);
  vi.advanceTimersByTime(idleMs - 1);
  expect(abandoned).toEqual([]);
  vi.advanceTimersByTime(1);
  await ended;
  expect(abandoned).toEqual([den]);
  expect(pauses.of(den)).toBeNull();
});

test('all pauses of a room last three minutes together, and the time between them does not count', () => {
  for (let lasted = 0; lasted < longestMs; lasted += idleMs) {
    pauses.begin(den, 'alice');
    expect(pauses.of(den)).not.toBeNull();
    vi.advanceTimersByTime(2 * idleMs);
  }
  pauses.begin(den, 'alice');
  expect(pauses.of(den)).toBeNull();
  pauses.begin(attic, 'alice');
  expect(pauses.of(attic)).not.toBeNull();
});

test('one pause does not last longer, however often it is prolonged', () => {
  pauses.begin(den, 'alice');
  let lasted = 0;
  for (; pauses.of(den) !== null && lasted <= 2 * longestMs; lasted += 1_000) {
    pauses.prolong(den);
    vi.advanceTimersByTime(1_000);
  }
  expect(lasted).toBeLessThanOrEqual(longestMs + idleMs);
  expect(abandoned).toEqual([den]);
});
