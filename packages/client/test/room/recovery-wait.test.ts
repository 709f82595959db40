/** Entries that a server does not take back yet: when the client offers them again. */
import { ProtocolError } from '@chat/protocol';
import { expect, test } from 'vitest';
import { appending, keptLog } from '../support/kept-log.ts';

test('wait for an author whose renewed key the server has lost, which is reported once, and are offered again ever more rarely', async () => {
  const { alice, clock, done, log, recovery, server } = await keptLog();
  server.answers['restore-entries'] = () => Promise.reject(new ProtocolError('unknown-user', 'Who is this?'));
  server.answers.unsubscribe = () => ({});
  const waits: number[] = [];
  for (let attempt = 0; attempt < 8; attempt += 1) {
    expect(await recovery.recoverUnknown()).toBe('awaiting-author');
    recovery.resumeLater();
    const began = clock.now();
    done.length = 0;
    while (!done.includes('ignore')) await clock.advance(1_000);
    waits.push((clock.now() - began) / 1_000);
  }
  expect(waits).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
  expect(alice.codes()).toEqual(['unknown-user']);
  recovery.resumeLater();
  log.isConnected = false;
  done.length = 0;
  await clock.advance(120_000);
  expect(done).toEqual([]);
  // Once the server has taken the entries, the next time is reported again.
  server.answers['restore-entries'] = () => ({ head: 1, hash: alice.state.head.hash });
  expect(await recovery.recoverUnknown()).toBe('recovered');
  server.answers['restore-entries'] = () => Promise.reject(new ProtocolError('unknown-user', 'Who is this?'));
  expect(await recovery.recoverUnknown()).toBe('awaiting-author');
  expect(alice.codes()).toEqual(['unknown-user', 'unknown-user']);
});

test('are offered one at first while their author is awaited, and the others once it is taken', async () => {
  const setting = await keptLog({ count: 40 });
  const { recovery, server } = setting;
  server.answers['restore-entries'] = () => Promise.reject(new ProtocolError('unknown-user', 'Who is this?'));
  await recovery.recover(3);
  await recovery.recover(3);
  appending(setting, 3);
  expect(await recovery.recover(3)).toBe('recovered');
  expect(setting.requests()).toEqual([
    [3, 32],
    [3, 1],
    [3, 1],
    [4, 32],
    [36, 4],
  ]);
});

test('are asked for again when the server was too busy for the question', async () => {
  const { alice, clock, done, recovery, server } = await keptLog();
  const codes = ['rate-limited', 'internal'];
  server.answers.unsubscribe = () => {
    const code = codes.shift();
    return code === undefined ? {} : Promise.reject(new ProtocolError(code, 'Not now.'));
  };
  recovery.resume();
  await clock.advance(4_000);
  expect([done.filter((step) => step === 'subscribe').length, alice.codes()]).toEqual([1, ['internal']]);
});
