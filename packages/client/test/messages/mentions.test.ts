/** Mentions in a text. */
import { mentionsIn, withMentions } from '@chat/client';
import { expect, test } from 'vitest';

const members = new Set(['alice', 'bob', 'b-o-b', 'carol_']);
const found = (text: string) => mentionsIn(text, (name) => members.has(name));

test('finds each member once, and no address of mail, no other user, no part of a word', () => {
  expect(found('@alice: ask @bob, or @alice')).toEqual(['alice', 'bob']);
  expect(found('x@alice, @mallory, @alice2, é@bob')).toEqual([]);
  expect(found('(@b-o-b) @bob- @carol_')).toEqual(['b-o-b', 'bob', 'carol_']);
  expect(found('@ @@alice')).toEqual(['alice']);
});

test('marks each mention that it finds, and nothing else', () => {
  const marked = (text: string) =>
    withMentions(
      text,
      (name) => members.has(name),
      (mention) => `<${mention}>`,
    );
  expect(marked('@alice: ask @bob-, or x@alice and @mallory')).toBe('<@alice>: ask <@bob>-, or x@alice and @mallory');
  expect(marked('(@b-o-b) @carol_ @@alice')).toBe('(<@b-o-b>) <@carol_> @<@alice>');
});
