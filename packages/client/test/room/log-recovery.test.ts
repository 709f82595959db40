/** Giving entries back: the requests, and what becomes of entries that the server does not take back. */
import { encodeFrame, ProtocolError } from '@chat/protocol';
import { expect, test } from 'vitest';
import { ClientError } from '../../src/index.ts';
import { comparedLog } from '../../src/room/log-recovery.ts';
import { appending, hashAt, keptLog } from '../support/kept-log.ts';

test.each([
  ['timed-out', ['timed-out']],
  ['not-a-chat-server', ['not-a-chat-server']],
  ['unreachable', []],
] as const)('are lacking after a request that has failed: %s', async (code, reported) => {
  const { alice, recovery, server } = await keptLog();
  server.answers['restore-entries'] = () => Promise.reject(new ClientError(code, 'The server did not answer.'));
  expect(await recovery.recoverUnknown()).toBe('lacking');
  expect([recovery.underWay, alice.codes()]).toEqual([false, reported]);
  expect(server.of('restore-entries')).toHaveLength(1);
});

test('are recovered once the server has them', async () => {
  const { alice, recovery, server } = await keptLog();
  server.answers['restore-entries'] = () => ({ head: 1, hash: alice.state.head.hash });
  expect(await recovery.recoverUnknown()).toBe('recovered');
  expect(server.of('restore-entries')).toMatchObject([{ after: { seq: 0 }, done: true }]);
});

test.each([
  { what: 'short entries, as many as a request may have', payloadBytes: 500, requests: [32, 8] },
  {
    what: 'long entries, as many as fit a frame',
    payloadBytes: 25_000,
    requests: [3, ...Array<number>(18).fill(2), 1],
  },
])('are given back in few requests: $what', async ({ payloadBytes, requests }) => {
  const { alice, recovery, server } = await keptLog({ count: 40, payloadBytes });
  server.answers['restore-entries'] = ({ after, entries }) => {
    const head = after.seq + entries.length;
    return { head, hash: hashAt(head) };
  };
  expect(await recovery.recoverUnknown()).toBe('recovered');
  const sent = server.of('restore-entries');
  expect(sent.map(({ entries }) => entries.length)).toEqual(requests);
  for (const request of sent) expect(() => encodeFrame({ id: 1, op: 'restore-entries', ...request })).not.toThrow();
  expect(alice.codes()).toEqual([]);
});

test.each([
  [{ head: 4, hash: 'own' }, 'shorter'],
  [{ head: 4, hash: null }, 'shorter'],
  [{ head: 5, hash: 'own' }, 'same'],
  [{ head: 5, hash: null }, 'same'],
  [{ head: 5, hash: 'another' }, 'other'],
  [{ head: 6, hash: 'own' }, 'same'],
  [{ head: 6, hash: 'another' }, 'other'],
] as const)('the log of a server that answers %o is %s', (answer, compared) => {
  expect(comparedLog({ seq: 5, hash: 'own' }, answer)).toBe(compared);
});

test('are those after the end of the server’s log, with the log hash there', async () => {
  const setting = await keptLog({ count: 40 });
  appending(setting, 3);
  expect(await setting.recovery.recover(3)).toBe('recovered');
  expect(setting.requests()).toEqual([
    [3, 32],
    [35, 5],
  ]);
  const [first, last] = setting.server.of('restore-entries');
  expect([first?.after, first?.done, last?.done]).toEqual([{ seq: 3, hash: hashAt(3) }, false, true]);
  expect(setting.done).toEqual(['check']);
});

test('are announced once for each end of the server’s log, with the number of lost entries', async () => {
  const setting = await keptLog({ count: 40 });
  appending(setting, 38);
  const told = () =>
    setting.alice.events.flatMap((event) => (event.kind === 'server-behind' ? [[event.head, event.lost]] : []));
  for (const head of [38, 38, 39, 38]) await setting.recovery.recover(head);
  expect(told()).toEqual([
    [38, 2],
    [39, 1],
    [38, 2],
  ]);
  expect(setting.alice.context.serverLoss.explains(0)).toBe(true);
  await setting.recovery.recoverUnknown();
  expect(told()).toHaveLength(3);
});

test('are not given back when they are not kept, or when the log hash at the end of the server’s log is not known', async () => {
  const unknown = await keptLog();
  unknown.alice.context.archive.erase(unknown.roomId);
  expect([await unknown.recovery.recoverUnknown(), unknown.requests()]).toEqual(['lacking', []]);
  const { recovery, requests } = await keptLog({ count: 40 });
  expect([await recovery.recover(60), requests()]).toEqual(['lacking', []]);
});

test('are compared when the server has the whole log', async () => {
  const setting = await keptLog({ count: 40 });
  appending(setting, 40);
  expect(await setting.recovery.recover(40)).toBe('recovered');
  expect(setting.server.of('restore-entries').map(({ after, done }) => [after.seq, done])).toEqual([
    [40, false],
    [40, true],
  ]);
});

test('go on where another member has stopped', async () => {
  const { recovery, requests, server } = await keptLog({ count: 80 });
  server.answers['restore-entries'] = ({ after, entries }) => {
    const head = after.seq === 0 ? 50 : after.seq + entries.length;
    return { head, hash: hashAt(head) };
  };
  expect(await recovery.recoverUnknown()).toBe('recovered');
  expect(requests()).toEqual([
    [0, 32],
    [50, 30],
  ]);
});

test('are lacking when the server takes none of them, and this is said to the server', async () => {
  const { recovery, requests, server } = await keptLog({ count: 40 });
  server.answers['restore-entries'] = () => ({ head: 3, hash: hashAt(3) });
  expect(await recovery.recover(3)).toBe('lacking');
  expect(requests()).toEqual([
    [3, 32],
    [3, 0],
  ]);
  expect(server.of('restore-entries').map(({ done }) => done)).toEqual([false, true]);
});

test('are lacking when the server does not take the last ones', async () => {
  const { recovery, requests, server } = await keptLog({ count: 10 });
  server.answers['restore-entries'] = () => ({ head: 3, hash: hashAt(3) });
  expect([await recovery.recover(3), requests()]).toEqual(['lacking', [[3, 7]]]);
});

test.each([
  ['at an earlier position', 5],
  ['at the same position', 40],
])('belong to another log when the server’s log hash is another one %s', async (_, head) => {
  const { recovery, requests, server } = await keptLog({ count: 40 });
  server.answers['restore-entries'] = () => ({ head, hash: 'e'.repeat(64) });
  expect(await recovery.recover(3)).toBe('other-log');
  expect(requests()).toEqual([[3, 32]]);
});

test.each([
  ['recovered', null],
  ['other-log', new ProtocolError('other-log', 'Another one.')],
] as const)('are compared by the server when its log goes on after them: %s', async (result, error) => {
  const { head, recovery, requests, server } = await keptLog({ count: 40 });
  server.answers['restore-entries'] = ({ after }) => {
    if (after.seq === 40 && error !== null) throw error;
    return { head: 50, hash: hashAt(50) };
  };
  expect(await recovery.recover(10)).toBe(result);
  expect(requests()).toEqual([
    [10, 30],
    [40, 0],
  ]);
  expect(server.of('restore-entries').at(-1)).toMatchObject({ after: head, done: true });
});

test('are compared once more when the server has got the rest from another member', async () => {
  const { recovery, requests, server } = await keptLog({ count: 80 });
  server.answers['restore-entries'] = () => ({ head: 80, hash: hashAt(80) });
  expect(await recovery.recoverUnknown()).toBe('recovered');
  expect(requests()).toEqual([
    [0, 32],
    [80, 0],
  ]);
});

test.each([
  ['other-log', 'other-log', []],
  ['not-a-member', 'lacking', []],
  ['room-deleted', 'lacking', []],
  ['entry-refused', 'lacking', ['entry-refused']],
] as const)('after a refusal with %s: %s', async (code, result, reported) => {
  const { alice, recovery, server } = await keptLog();
  server.answers['restore-entries'] = () => Promise.reject(new ProtocolError(code, 'Refused.'));
  expect(await recovery.recoverUnknown()).toBe(result);
  expect([alice.codes(), server.of('restore-entries').length]).toEqual([reported, 1]);
});

test('are tried again each second while the server fails, which is reported once, after a minute', async () => {
  const { alice, clock, recovery, requests, server } = await keptLog();
  let failing = true;
  server.answers['restore-entries'] = () => {
    if (failing) throw new ProtocolError('internal', 'The server failed.');
    return { head: 1, hash: alice.state.head.hash };
  };
  const recovering = recovery.recoverUnknown();
  expect(recovery.underWay).toBe(true);
  await clock.advance(58_000);
  expect([requests().length, alice.codes()]).toEqual([59, []]);
  await clock.advance(1_000);
  expect([requests().length, alice.codes()]).toEqual([60, ['internal']]);
  await clock.advance(120_000);
  expect([requests().length, alice.codes()]).toEqual([180, ['internal']]);
  failing = false;
  await clock.advance(1_000);
  expect([await recovering, recovery.underWay]).toEqual(['recovered', false]);
});

test('of another log are reported', async () => {
  const { alice, done, recovery } = await keptLog();
  recovery.differs();
  expect([alice.events.map(({ kind }) => kind), done]).toEqual([['other-log'], ['check']]);
});

const given = { first: 2, last: 3, since: 1, by: ['bob'] };

test.each([
  ['blocked', ['disconnected', 'ignore', 'listen', 'subscribe']],
  ['stopped', ['disconnected', 'ignore', 'listen', 'subscribe']],
  ['neither', []],
] as const)('of others are reported once, and the log is read again if it was %s', async (state, steps) => {
  const { alice, clock, done, log, recovery, roomId, server } = await keptLog();
  server.answers['unsubscribe'] = () => {
    done.push('unsubscribed');
    return {};
  };
  if (state !== 'neither') log[state] = true;
  const push = { push: 'restored', room: roomId, ...given } as const;
  expect(alice.context.serverLoss.explains(0)).toBe(false);
  recovery.restored(push);
  expect(alice.context.serverLoss.explains(0)).toBe(true);
  await clock.advance(0);
  log.blocked = log.stopped = false;
  recovery.restored(push);
  recovery.restored({ ...push, last: 4 });
  const told = alice.events.flatMap((event) => (event.kind === 'restored' ? [[event.last, event.by]] : []));
  expect(told).toEqual([
    [3, ['bob']],
    [4, ['bob']],
  ]);
  // The server's old subscription ends before what it sends counts again.
  expect(done).toEqual(steps.flatMap((step) => (step === 'listen' ? ['unsubscribed', step] : [step])));
});

test.each([
  ['internal', ['internal']],
  ['unreachable', []],
] as const)('are not read again when the server does not end the subscription: %s', async (code, reported) => {
  const { alice, clock, done, recovery, server } = await keptLog();
  const error = code === 'internal' ? new ProtocolError(code, 'Failed.') : new ClientError(code, 'No connection.');
  server.answers['unsubscribe'] = () => Promise.reject(error);
  recovery.resume();
  await clock.advance(0);
  expect([alice.codes(), done]).toEqual([reported, ['disconnected', 'ignore']]);
});
