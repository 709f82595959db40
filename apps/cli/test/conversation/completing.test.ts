/** The Tab key: which words a line may go on with. */
import { expect, test } from 'vitest';
import { completionOf } from '../../src/conversation/complete-line.ts';
import { FakeClient } from '../support/fake-client.ts';
import { direct, member, view } from '../support/samples.ts';

const people = ['alice', 'bob', 'bert'].map((user) => member(user, { me: user === 'alice' }));
const client = new FakeClient(
  view('lobby', { members: people }),
  view('loft', { members: [member('alice', { me: true }), member('carol')] }),
  direct('bob', { members: [member('alice', { me: true }), member('bob')] }),
);

const inLobby = { client, roomName: 'lobby' };
const words = (line: string, roomName: string | null = 'lobby') => {
  const found = completionOf({ client, roomName }, line);
  return found === null ? null : found.candidates.map((each) => each.trim()).join(' ');
};

test.each([
  ['/re', '/react /recovery /remove /reply'],
  ['/edi', '/edit'],
  ['/nosuch', ''],
  ['/join lo', 'lobby loft'],
  ['/join @', '@bob'],
  ['/leave lof', 'loft'],
  ['/create lo', ''],
  ['/create attic in', 'invite'],
  ['/create attic invite a', 'all'],
  ['/msg ', 'bert bob carol'],
  ['/role bob m', 'member moderator'],
  ['/verify bob s', 'same'],
  ['/react 12 :ta', ':tada:'],
  ['/react 1', ''],
  ['/search plan in lo', 'lobby loft'],
  ['/search plan from b', 'bert bob'],
  ['/search in', ''],
  ['/keep 30 days in lof', 'loft'],
  ['/reply 12 well, @be', '@bert'],
  ['/me greets @b', '@bert @bob'],
  ['/__proto__ a', ''],
])('%s goes on with: %s', (line, expected) => {
  expect(words(line)).toBe(expected);
});

test('a text goes on with a mention only, of a member of the room', () => {
  expect([words('hello b'), words('hello @b'), words('hello @carol'), words('')]).toEqual([
    null,
    '@bert @bob',
    '',
    null,
  ]);
  expect(words('two\u2424@be')).toBe('@bert');
  expect(words('//jo')).toBe('');
  expect(words('hello @b', null)).toBe(null);
});

test('each candidate begins with the part that it stands in place of, and ends the word', () => {
  expect(completionOf(inLobby, 'hello @be')).toEqual({ part: '@be', candidates: ['@bert '] });
  expect(completionOf(inLobby, '/edi')).toEqual({ part: '/edi', candidates: ['/edit '] });
});
