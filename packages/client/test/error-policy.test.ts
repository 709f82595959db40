/** The table of reactions to error codes: its completeness, and each reaction. */
import { errorCodes, ProtocolError } from '@chat/protocol';
import { RoomError } from '@chat/room';
import { describe, expect, test } from 'vitest';
import { type Reaction, reactions, reactionTo, type Task } from '../src/error-policy.ts';
import { ClientError } from '../src/errors.ts';

const tasks: readonly Task[] = [
  'send',
  'leave',
  'read',
  'connect',
  'enrol',
  'make-key',
  'fetch-key',
  'request-key',
  'answer-key',
  'heartbeat',
  'withdraw',
  'renew-invitation',
  'give-back',
];

const refused = (code: string) => new ProtocolError(code, 'The test refuses it.');

/** Returns the codes to which a task reacts in this way. */
const codesWith = (task: Task, reaction: Reaction): string[] =>
  [...errorCodes, 'timed-out', 'wrong-authority', 'no-key'].filter(
    (code) => reactionTo(task, refused(code)) === reaction,
  );

const outOfRoom = ['not-a-member', 'removed', 'unknown-room', 'room-deleted'];

describe('the table of reactions', () => {
  test('has a row for every code of the protocol, and names tasks only', () => {
    expect(errorCodes.filter((code) => !Object.hasOwn(reactions, code))).toEqual([]);
    const named = new Set(Object.values(reactions).flatMap((row) => Object.keys(row)));
    expect([...named].filter((task) => !tasks.includes(task as Task))).toEqual([]);
  });

  test.each<[Task, Reaction, string[]]>([
    [
      'send',
      'retry',
      [
        'stale-epoch',
        'stale-view',
        'rekey-pending',
        'rate-limited',
        'storage-full',
        'room-storage-full',
        'store-damaged',
        'limit-reached',
        'server-full',
        'connection-replaced',
        'internal',
        'stopping',
        'no-key',
      ],
    ],
    ['connect', 'retry-later', ['rate-limited', 'server-full', 'connection-replaced', 'store-damaged']],
    ['leave', 'done', outOfRoom],
    ['renew-invitation', 'done', ['already-a-member', ...outOfRoom]],
    ['read', 'give-up', outOfRoom],
    [
      'connect',
      'give-up',
      [
        'login-refused',
        'access-revoked',
        'unknown-user',
        'unsupported-version',
        'used-elsewhere',
        'wrong-authority',
        'certificate-request-refused',
        'key-renewed',
      ],
    ],
    [
      'enrol',
      'give-up',
      [
        'user-name-taken',
        'enrolment-closed',
        'invitation-required',
        'invitation-refused',
        'certificate-request-refused',
        'access-revoked',
        'unsupported-version',
        'key-renewed',
      ],
    ],
    ['make-key', 'retry', ['wraps-mismatch', 'stale-view', 'limit-reached', 'unknown-member']],
    ['make-key', 'done', ['epoch-conflict', 'room-deleted']],
    ['fetch-key', 'ask-others', ['no-wrap', ...outOfRoom]],
    ['request-key', 'ask-others', ['not-online', 'unknown-member', 'timed-out']],
    ['request-key', 'give-up', ['stale-epoch', 'epoch-conflict', ...outOfRoom]],
    ['answer-key', 'done', ['unknown-member', 'not-allowed']],
    ['answer-key', 'retry', ['unknown-link']],
    [
      'heartbeat',
      'done',
      [
        'limit-reached',
        'rate-limited',
        'server-full',
        'connection-replaced',
        'storage-full',
        'store-damaged',
        'internal',
        'stopping',
        ...outOfRoom,
      ],
    ],
    ['leave', 'forget', ['other-log', 'entry-refused', 'stale-view']],
    ['give-back', 'retry', ['rate-limited', 'storage-full', 'store-damaged', 'internal']],
    ['give-back', 'give-up', ['other-log']],
    ['give-back', 'ask-others', ['not-a-member', 'room-deleted']],
  ])('%s: %s after exactly these codes', (task, reaction, codes) => {
    expect(codesWith(task, reaction).sort()).toEqual([...codes].sort());
  });

  test.each<[Task, Reaction]>([
    ['send', 'give-up'],
    ['leave', 'report'],
    ['read', 'report-and-retry'],
    ['connect', 'retry'],
    ['enrol', 'retry'],
    ['make-key', 'report-and-retry'],
    ['fetch-key', 'report-and-retry'],
    ['request-key', 'report'],
    ['answer-key', 'report'],
    ['give-back', 'report'],
    ['renew-invitation', 'report-and-retry'],
  ])('%s: %s after a code that this version does not know', (task, reaction) => {
    expect(reactionTo(task, refused('a-code-of-the-future'))).toBe(reaction);
    expect(reactionTo(task, refused('toString'))).toBe(reaction);
  });

  test('sends a message again unless the server or the room package refused it', () => {
    expect(reactionTo('send', new ClientError('unreachable', 'lost'))).toBe('retry');
    expect(reactionTo('send', new Error('disk full'))).toBe('retry');
    expect(reactionTo('send', new RoomError('no-key', 'not yet'))).toBe('retry');
    expect(reactionTo('send', new RoomError('message-too-long', 'too long'))).toBe('give-up');
  });

  test('ends a leave, erases a new identity and closes a key request only by the server’s word', () => {
    expect(reactionTo('leave', new RoomError('not-a-member', 'not on the log yet'))).toBe('report');
    expect(reactionTo('enrol', new ClientError('access-revoked', 'not from the server'))).toBe('retry');
    expect(reactionTo('answer-key', new RoomError('not-allowed', 'not from the server'))).toBe('report');
  });
});
