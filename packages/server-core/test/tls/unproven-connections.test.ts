/** Which unproven connection makes room for another one. */
import { expect, test } from 'vitest';
import { UnprovenConnections } from '../../src/tls/unproven-connections.ts';

const bounds = (max: number) => ({ max: () => max, maxPerHost: () => 3, graceMs: () => 10 });

test('the oldest one of the host that holds most gives way, and among hosts that hold as many the oldest of all', () => {
  let now = 0;
  const displaced: string[] = [];
  const table = new UnprovenConnections({ ...bounds(4), clock: () => now });
  const add = (host: string, name: string): boolean => {
    now += 100;
    return table.add({ host, displace: () => displaced.push(name) });
  };
  for (const name of ['a1', 'b1', 'b2', 'c1']) expect(add(name.slice(0, 1), name)).toBe(true);
  expect(add('d', 'd1')).toBe(true);
  expect(displaced).toEqual(['b1']);
  expect(add('e', 'e1')).toBe(true);
  expect(displaced).toEqual(['b1', 'a1']);
});

test('in its first second a connection gives way only to one whose host would hold fewer', () => {
  const table = new UnprovenConnections({ ...bounds(3), clock: () => 0 });
  const displaced: string[] = [];
  const add = (host: string, name: string): boolean => table.add({ host, displace: () => displaced.push(name) });
  expect([add('a', 'a1'), add('a', 'a2'), add('b', 'b1')]).toEqual([true, true, true]);
  // With it the host would hold as many as the other one.
  expect([add('b', 'b2'), displaced]).toEqual([false, []]);
  expect([add('c', 'c1'), displaced]).toEqual([true, ['a1']]);
});
