import { expect, test } from 'vitest';
import { copies, hasName, OwnRecords, sortedUsers } from '../src/records.ts';

interface User {
  readonly user: string;
  readonly at: number;
}

const order = (a: User, b: User) => a.at - b.at;
const namesIn = (users: Readonly<Record<string, User>>) => sortedUsers(users, order).map(({ user }) => user);
const start = { a: { user: 'alice', at: 2 }, b: { user: 'bob', at: 1 } };

test('copies leave the record as it was', () => {
  const after = copies.put(start, 'c', { user: 'carol', at: 0 });
  expect(after).toEqual({ ...start, c: { user: 'carol', at: 0 } });
  expect(Object.keys(start)).toEqual(['a', 'b']);
});

test('own records copy a record from outside once, and then write into the copy', () => {
  const records = new OwnRecords();
  const first = records.put<User>(start, 'c', { user: 'carol', at: 0 });
  const second = records.put<User>(first, 'd', { user: 'dave', at: 3 });
  expect(second).toBe(first);
  expect(Object.keys(second)).toEqual(['a', 'b', 'c', 'd']);
  expect(Object.keys(start)).toEqual(['a', 'b']);
  expect(new OwnRecords().put<User>(second, 'e', { user: 'erin', at: 4 })).not.toBe(second);
});

test('what was derived from a record follows what is written into it', () => {
  const records = new OwnRecords();
  const own = records.put<User>(start, 'c', { user: 'carol', at: 0 });
  expect([namesIn(own), hasName(own, 'dave')]).toEqual([['carol', 'bob', 'alice'], false]);
  records.put<User>(own, 'd', { user: 'dave', at: 1.5 });
  expect([namesIn(own), hasName(own, 'dave')]).toEqual([['carol', 'bob', 'dave', 'alice'], true]);
  records.put<User>(own, 'd', { user: 'erin', at: 9 });
  expect([namesIn(own), hasName(own, 'dave'), hasName(own, 'erin')]).toEqual([
    ['carol', 'bob', 'alice', 'erin'],
    false,
    true,
  ]);
  expect([namesIn(start), hasName(start, 'carol')]).toEqual([['bob', 'alice'], false]);
});
