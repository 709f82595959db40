import { describe, expect, test } from 'vitest';
import {
  encodePayload,
  mayGiveRole,
  mayReadmit,
  mayRemove,
  parsePayload,
  type Role,
  role,
  successorOf,
} from '../../src/index.ts';

/** Returns all pairs of author and target for which a right holds. */
const pairs = (right: (author: Role, target: Role) => boolean): string[] =>
  role.options.flatMap((author) =>
    role.options.flatMap((target) => (right(author, target) ? [`${author} ${target}`] : [])),
  );

describe('rights', () => {
  test('are those of the protocol and no others', () => {
    expect(pairs(mayRemove)).toEqual(['owner moderator', 'owner member', 'moderator member']);
    expect(pairs(mayGiveRole)).toEqual(['owner moderator', 'owner member']);
    expect(role.options.filter(mayReadmit)).toEqual(['owner', 'moderator']);
  });

  test('pass to the moderator who joined first, else to the member who joined first', () => {
    const [old, young, moderator] = [
      { role: 'member', joinedAt: 2 },
      { role: 'member', joinedAt: 9 },
      { role: 'moderator', joinedAt: 5 },
    ] as const;
    expect(successorOf([young, old])).toBe(old);
    expect(successorOf([young, moderator, old])).toBe(moderator);
    expect(successorOf([{ role: 'moderator', joinedAt: 7 }, moderator, old])).toBe(moderator);
    expect(successorOf([{ role: 'owner', joinedAt: 10 }, moderator])).toBeNull();
    expect(successorOf([])).toBeNull();
  });
});

test('a decision names its target by name and key, and contains the author view', () => {
  const hash = 'ab'.repeat(32);
  const head = { seq: 4, hash };
  const remove = { v: 1, type: 'remove', room: hash, author: 'alice', user: 'mallory', fingerprint: hash, head, at: 0 };
  const given = { ...remove, type: 'role', role: 'moderator' };
  expect(parsePayload('remove', encodePayload(remove))).toEqual(remove);
  expect(parsePayload('role', encodePayload(given))).toEqual(given);
  for (const missing of ['user', 'fingerprint', 'head', 'author']) {
    expect(parsePayload('remove', encodePayload({ ...remove, [missing]: undefined }))).toBeNull();
    expect(parsePayload('role', encodePayload({ ...given, [missing]: undefined }))).toBeNull();
  }
  expect(parsePayload('role', encodePayload({ ...given, role: 'king' }))).toBeNull();
  expect(parsePayload('remove', encodePayload(given))).toBeNull();
});
