/** The methods that a guest can call, and their arguments. */
import { ChatClient } from '@chat/client';
import { describe, expect, test } from 'vitest';
import { ClientMessages } from '../../../src/messages/client-messages.ts';
import { isLocalMethod, localMethods } from '../../../src/node/shared/local-methods.ts';

/** What a guest answers from its mirror, or does without the client of the holder. */
const local = ['subscribe', 'keepConnecting', 'rooms', 'room', 'changedIdentities', 'lookAlike', 'knownUsers', 'close'];

const methodsOf = (prototype: object): string[] =>
  Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([name, { value }]) => typeof value === 'function' && name !== 'constructor')
    .map(([name]) => name);

const hex = 'a1'.repeat(32);
const cid = 'a1'.repeat(16);
const good: Readonly<Record<string, readonly (readonly unknown[])[]>> = {
  connect: [[], [{}], [{ replaceOthers: true }]],
  listRooms: [[]],
  createRoom: [['lobby'], ['lobby', { join: 'invite', history: 'all' }]],
  joinRoom: [['lobby']],
  knock: [['lobby']],
  invitations: [[]],
  decline: [['lobby']],
  knocks: [['lobby']],
  dismissKnock: [['lobby', 'bob']],
  invite: [
    ['lobby', 'bob'],
    ['lobby', 'bob', {}],
    ['lobby', 'bob', { fingerprint: hex }],
  ],
  openDirect: [['bob']],
  leaveRoom: [['lobby']],
  removeMember: [['lobby', 'bob']],
  giveRole: [['lobby', 'bob', 'moderator']],
  send: [
    ['lobby', 'hello', { cid }],
    ['lobby', 'hello', { cid, replyTo: 7, action: true }],
  ],
  trust: [['bob', hex]],
  safetyNumber: [['bob']],
  verify: [['bob', hex]],
  logFingerprint: [['lobby'], ['lobby', 12]],
  'messages.page': [['lobby'], ['lobby', {}], ['lobby', { before: 9, after: 1, limit: 20 }]],
  'messages.around': [[{ roomId: 'id', seq: 7 }], [{ roomId: 'id', seq: 7 }, 3]],
  'messages.search': [
    [{ words: 'fox' }],
    [{ words: 'fo*', roomName: 'lobby', user: 'bob', before: 1, after: { at: 1, stream: 2, seq: 3 }, limit: 9 }],
  ],
  'messages.edit': [['lobby', 7, 'new text', { cid }]],
  'messages.delete': [['lobby', 7, { cid }]],
  'messages.react': [
    ['lobby', 7, 'ok', { cid }],
    ['lobby', 7, null, { cid }],
  ],
  'messages.hide': [['lobby', 7, { cid }]],
  'messages.retention': [[], ['lobby']],
  'messages.hasOwnRetention': [['lobby']],
  'messages.setRetention': [['all'], [{ days: 3 }], [null, 'lobby']],
  'messages.settled': [[]],
  'recovery.state': [[]],
  'recovery.backUp': [[]],
  'recovery.end': [[]],
  'attention.markRead': [['lobby', 7]],
  'attention.setNotify': [
    ['lobby', 'none'],
    ['lobby', null],
  ],
  'attention.change': [[{}], [{ muted: ['bob'], quietHours: { from: 1320, to: 420 } }], [{ quietHours: null }]],
  'files.send': [
    ['lobby', '/tmp/report.pdf', { cid }],
    ['lobby', '/tmp/report.pdf', { cid, text: 'look' }],
  ],
  'files.save': [['lobby', 7, '/tmp']],
  'files.cancel': [[1]],
  'files.list': [[]],
};
const bad: Readonly<Record<string, readonly (readonly unknown[])[]>> = {
  connect: [[true], [{ replaceOthers: 1 }]],
  createRoom: [
    ['lobby', { join: 'all', history: 'all' }],
    ['lobby', { join: 'open' }],
  ],
  giveRole: [
    ['lobby', 'bob', 'king'],
    ['lobby', 'bob'],
  ],
  invite: [
    ['lobby', 'bob', { fingerprint: 'a1' }],
    ['lobby', 'bob', { other: 1 }],
  ],
  // Without an id a repetition would be a second message.
  send: [
    ['lobby', 'hello'],
    ['lobby', 'hello', {}],
    ['lobby', 'hello', { cid: 'short' }],
    ['lobby', 'hello', { cid, replyTo: '7' }],
  ],
  trust: [['bob', hex.toUpperCase()], ['bob']],
  verify: [['bob', `${hex}00`]],
  logFingerprint: [
    ['lobby', 1.5],
    ['lobby', '1'],
  ],
  'messages.page': [[{}], ['lobby', { limit: '9' }], ['lobby', { other: 1 }]],
  'messages.around': [['id', 7], [{ roomId: 'id' }], [{ roomId: 'id', seq: 7 }, '3']],
  'messages.search': [[], [{}], ['fox'], [{ words: 'fox', after: {} }]],
  'messages.edit': [
    ['lobby', 7, 'new text'],
    ['lobby', '7', 'new text', { cid }],
  ],
  'messages.delete': [['lobby', 7], ['lobby']],
  'messages.react': [['lobby', 7, { cid }]],
  'messages.hide': [['lobby', 7, 'text', { cid }]],
  'messages.setRetention': [[], ['all', 'lobby', 1]],
  'attention.markRead': [['lobby'], ['lobby', -1], ['lobby', '7'], ['lobby', Number.POSITIVE_INFINITY]],
  'attention.setNotify': [['lobby'], ['lobby', 'loud']],
  'attention.change': [[], [{ muted: 'bob' }], [{ quietHours: { from: 1440, to: 0 } }], [{ loud: true }]],
  // The programs have different working directories; without an id a repetition would be a second message.
  'files.send': [
    ['lobby', 'report.pdf', { cid }],
    ['lobby', '/tmp/report.pdf'],
    ['lobby', '/tmp/report.pdf', {}],
  ],
  'files.save': [
    ['lobby', 7, '.'],
    ['lobby', '7', '/tmp'],
  ],
  'files.cancel': [[], ['1']],
};

describe('a guest', () => {
  test('can call every method of a client and of its messages that it does not have itself', () => {
    const expected = [
      ...methodsOf(ChatClient.prototype).filter((name) => !local.includes(name)),
      ...methodsOf(ClientMessages.prototype).map((name) => `messages.${name}`),
      ...['markRead', 'setNotify', 'change'].map((name) => `attention.${name}`),
      ...['send', 'save', 'cancel', 'list'].map((name) => `files.${name}`),
      ...['state', 'backUp', 'end'].map((name) => `recovery.${name}`),
    ];
    expect(Object.keys(localMethods).sort()).toEqual(expected.sort());
    for (const name of ['constructor', 'toString', '__proto__', 'messages.constructor', 'close']) {
      expect(isLocalMethod(name)).toBe(false);
    }
  });

  test.each(Object.entries(localMethods))('calls %s with its arguments, and with no others', (name, method) => {
    const accepts = (args: readonly unknown[]): boolean => method.arguments.safeParse(args).success;
    expect(good[name]?.length).toBeGreaterThan(0);
    for (const args of good[name] ?? []) {
      expect(accepts(JSON.parse(JSON.stringify(args)))).toBe(true);
      expect(accepts([...args, 'more', 'more', 'more'])).toBe(false);
      if (typeof args[0] !== 'string' || name.endsWith('setRetention')) continue;
      for (const other of [7, null, {}, ['lobby'], 'x'.repeat(2_000_000)]) {
        expect(accepts([other, ...args.slice(1)])).toBe(false);
      }
    }
    for (const args of bad[name] ?? []) expect(accepts(args)).toBe(false);
  });
});
