import fc from 'fast-check';
import { expect, test } from 'vitest';
import { copied, UserMap } from '../src/user-map.ts';

interface User {
  readonly user: string;
  readonly at: number;
}

type Change = { readonly by: string; readonly value: User | null };

/** Few keys, so that they meet in a bucket and again and again; few names, which several keys share. */
const key = fc.oneof(
  fc.tuple(fc.constantFrom('0', 'a', 'f'), fc.constantFrom('0', '9', 'f'), fc.nat(3)).map((parts) => parts.join('')),
  fc.constantFrom('', 'x', '__proto__', 'constructor', 'toString'),
);
const user = fc.record({ user: fc.constantFrom('alice', 'bob', 'carol', 'toString'), at: fc.nat(99) });
const changes = fc.array(fc.record<Change>({ by: key, value: fc.option(user) }), { maxLength: 40 });

const changed = (map: UserMap<User>, { by, value }: Change): UserMap<User> =>
  value === null ? map.without(by) : map.put(by, value);

const recordOf = (model: ReadonlyMap<string, User>) => Object.fromEntries(model);

/** Everything that can be asked of a map, compared with a `Map` that was changed in the same way. */
function expectSame(map: UserMap<User>, model: ReadonlyMap<string, User>): void {
  expect(map.size).toBe(model.size);
  expect(new Map(map)).toEqual(model);
  expect(map.toJSON()).toEqual(recordOf(model));
  for (const [by, value] of model) expect([map.get(by), map.has(by)]).toEqual([value, true]);
  expect([map.get('absent'), map.has('absent')]).toEqual([undefined, false]);
  const byTime = (a: User, b: User) => a.at - b.at;
  expect(map.sorted(byTime).map(({ at }) => at)).toEqual([...model.values()].sort(byTime).map(({ at }) => at));
  for (const name of ['alice', 'bob', 'carol', 'toString', 'valueOf']) {
    const all = [...model.values()].filter((value) => value.user === name);
    const found = map.named(name);
    if (all.length === 0) expect(found).toBeNull();
    else expect(all).toContainEqual(found);
  }
}

test('gives what a Map gives, whatever is put and removed, and whichever of its versions is asked', () => {
  const asked = fc.array(fc.nat(40), { maxLength: 6 });
  fc.assert(
    fc.property(changes, asked, (series, turns) => {
      const versions = [{ map: UserMap.empty as UserMap<User>, model: new Map<string, User>() }];
      for (const [index, change] of series.entries()) {
        const before = versions.at(-1);
        if (before === undefined) throw new Error('there is a first version');
        const model = new Map(before.model);
        if (change.value === null) model.delete(change.by);
        else model.set(change.by, change.value);
        // The index by name moves on from map to map, and is made again for an earlier one.
        if (turns.includes(index)) before.map.named('alice');
        versions.push({ map: changed(before.map, change), model });
      }
      for (const turn of turns) {
        const version = versions[turn % versions.length];
        if (version !== undefined) expectSame(version.map, version.model);
      }
      for (const { map, model } of versions) expectSame(map, model);
    }),
  );
});

test('is the same, and has the same text, for the same values in whichever order they came', () => {
  fc.assert(
    fc.property(changes, (series) => {
      const map = series.reduce(changed, UserMap.empty);
      const again = [...map]
        .reverse()
        .reduce((made, [by, value]) => made.put(by, value), UserMap.empty as UserMap<User>);
      const stored = UserMap.of(JSON.parse(JSON.stringify(map)) as Record<string, User>);
      for (const other of [again, stored]) {
        expect(other).toEqual(map);
        expect(JSON.stringify(other)).toBe(JSON.stringify(map));
      }
    }),
  );
});

test('two maps with other values are not equal', () => {
  const alice = { user: 'alice', at: 1 };
  const one = UserMap.of({ aa: alice });
  expect(one).not.toEqual(UserMap.of({ aa: { ...alice, at: 2 } }));
  expect(one).not.toEqual(UserMap.of({ ab: alice }));
  expect(one).not.toEqual(one.put('bb', alice));
  expect(one).not.toEqual(UserMap.empty);
});

test('is the same map after a fingerprint is removed that it does not have', () => {
  const one = UserMap.of({ aa: { user: 'alice', at: 1 } });
  expect(one.without('ab')).toBe(one);
});

test('tells what has changed since a map from which it was made, or from which it was not', () => {
  fc.assert(
    fc.property(changes, changes, fc.boolean(), (first, then, isAfter) => {
      const before = first.reduce(changed, UserMap.empty as UserMap<User>);
      const after = then.reduce(changed, isAfter ? before : (UserMap.empty as UserMap<User>));
      const found = after.changesSince(before, Number.POSITIVE_INFINITY);
      if (found === null) throw new Error('there is no limit');
      expect(before.changedBy(found)).toEqual(after);
      for (const [by, value] of found.put) expect([after.get(by), before.get(by) === value]).toEqual([value, false]);
      for (const by of found.gone) expect([after.has(by), before.has(by)]).toEqual([false, true]);
      const count = found.put.length + found.gone.length;
      expect(after.changesSince(before, count)).toEqual(found);
      if (count > 0) expect(after.changesSince(before, count - 1)).toBeNull();
    }),
  );
});

test('is itself the map of a map, and has names as keys too', () => {
  const names = Array.from({ length: 2_000 }, (_, index) => `user-${index}`);
  const map = UserMap.of(Object.fromEntries(names.map((user, at) => [user, { user, at }])));
  expect(UserMap.of(map)).toBe(map);
  expect(names.every((user, at) => map.get(user)?.at === at)).toBe(true);
  // Names that differ in their last letters do not meet in one part: a map with one more copies a small one.
  const before = copied.count;
  map.put('user-2000', { user: 'user-2000', at: 0 });
  expect(copied.count - before).toBeLessThan(256 + 40);
});
