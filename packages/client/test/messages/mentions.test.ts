/** Mentions in a text. */
import { mentionsIn } from '@chat/client';
import { expect, test } from 'vitest';

const members = new Set(['alice', 'bob', 'b-o-b', 'carol_']);
const found = (text: string) => mentionsIn(text, (name) => members.has(name));

test('finds each member once, and no address of mail, no other user, no part of a word', () => {
  expect(found('@alice: ask @bob, or @alice')).toEqual(['alice', 'bob']);
  expect(found('x@alice, @mallory, @alice2, é@bob')).toEqual([]);
  expect(found('(@b-o-b) @bob- @carol_')).toEqual(['b-o-b', 'bob', 'carol_']);
  expect(found('@ @@alice')).toEqual(['alice']);
});
