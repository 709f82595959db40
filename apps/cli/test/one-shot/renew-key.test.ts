/** `chat renew-key`: what it does in which order, and what the user reads when it ends, fails or is stopped. */
import { ClientError, type Stored } from '@chat/client';
import { ProtocolError } from '@chat/protocol';
import { rejectedCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { asCommandError } from '../../src/text/error-sentence.ts';
import { setUp as setUpCommand } from '../support/run-command.ts';
import { direct, view } from '../support/samples.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

function setUp(variables?: NodeJS.ProcessEnv) {
  const parts = setUpCommand('', variables);
  parts.profiles.renewedClient.fingerprint = 'cd'.repeat(32);
  return parts;
}

/** What a profile stores whose identity key was last renewed at this time; null if never. */
const withKeyOf = (madeAt: number | null): Stored =>
  (madeAt === null ? {} : { renewals: { first: 'K', renewals: [{ madeAt }] } }) as unknown as Stored;

/** Returns the sentence with which a command ends. */
const sentenceOf = (running: Promise<void>): Promise<string> =>
  running.then(
    () => 'no error',
    (error: unknown) => asCommandError(error).message,
  );

describe('renew-key', () => {
  test('says what the new key is, what others see, and that copies from before are of no use', async () => {
    const { client, profiles, run, printed } = setUp();
    client.joined = [view('lobby')];
    await run('renew-key');
    const text = printed();
    expect(text).toMatch(/^Your identity key is renewed, .*in all of your rooms/);
    expect(text).toMatch(/CDCD CDCD/);
    expect(text).toMatch(/verified you keep you verified.* the safety number .* is another one/);
    expect(text).toMatch(/Copies and backups .* do not log in any more: make a new backup/);
    expect(profiles.renewed).toEqual(['alice']);
    expect([client.closed, profiles.renewedClient.closed]).toEqual([true, true]);
  });

  test('prints one JSON object', async () => {
    const { run, printed, reported } = setUp();
    await run('renew-key', '--json');
    expect(printed()).toBe(`{"user":"alice","fingerprint":"${'cd'.repeat(32)}","made":"now"}\n`);
    expect(reported()).toBe('');
  });

  test('needs the password: from the environment or a file, and from a terminal only if there is one', async () => {
    const { profiles, run } = setUp({});
    expect(await rejectedCode(run('renew-key'))).toBe('no-password');
    const wrong = setUp({ CHAT_PASSWORD: 'another' });
    expect(await sentenceOf(wrong.run('renew-key'))).toMatch(/The password for alice is wrong/);
    expect([...profiles.renewed, ...wrong.profiles.renewed]).toEqual([]);
  });

  test('reads all rooms to the end before, except those of which nothing comes any more', async () => {
    const { client, profiles, run } = setUp();
    const away = { caughtUp: false };
    client.joined = [
      view('lobby', away),
      view('gone', { ...away, removed: true }),
      view('out', { ...away, leaving: true }),
    ];
    const renewing = run('renew-key');
    await settle();
    expect([client.connects, profiles.renewed]).toEqual([['connect'], []]);
    client.joined = [view('lobby'), ...client.joined.slice(1)];
    client.emit({ kind: 'caught-up', roomId: 'r', roomName: 'lobby' });
    await renewing;
    expect(profiles.renewed).toEqual(['alice']);
  });

  test('renews nothing when a room does not arrive, and names the way to renew all the same', async () => {
    const { client, clock, profiles, run } = setUp();
    client.joined = [view('lobby', { caughtUp: false })];
    const late = sentenceOf(run('renew-key'));
    await settle();
    clock.advance(30_000);
    expect(await late).toMatch(/lobby did not arrive.* was not renewed\. With --no-read/);
    expect([profiles.renewed, client.closed]).toEqual([[], true]);

    const { client: unread, profiles: others, run: again } = setUp();
    unread.joined = [view('lobby', { caughtUp: false })];
    await again('renew-key', '--no-read');
    expect([unread.connects, others.renewed]).toEqual([[], ['alice']]);
  });

  test('ends when all rooms have the new key, and says that the next start goes on if they do not get it in time', async () => {
    const { clock, profiles, run, printed } = setUp();
    const { renewedClient } = profiles;
    renewedClient.isRenewingKey = true;
    const renewing = run('renew-key');
    while (renewedClient.connects.length === 0) await settle();
    expect(printed()).toBe('');
    renewedClient.isRenewingKey = false;
    renewedClient.emit({ kind: 'renewal-complete' });
    await renewing;
    expect(printed()).toContain('Your identity key is renewed');

    renewedClient.isRenewingKey = true;
    const late = run('renew-key');
    const sentence = sentenceOf(late);
    while (renewedClient.connects.length === 1) await settle();
    await settle();
    clock.advance(60_000);
    expect(await sentence).toMatch(
      /renewed at the server, but not in all of your rooms yet: the next start of chat goes on/,
    );
    expect(await rejectedCode(late)).toBe('timed-out');
    expect(printed()).toBe('');
  });

  test.each([
    [
      new ClientError('unreachable', 'Nothing answers at host:9998.'),
      'unreachable',
      /begun and not finished: the next start of chat/,
    ],
    [new ProtocolError('limit-reached', 'm'), 'limit-reached', /begun and not finished/],
    [Object.assign(new Error('m'), { code: 'ENOSPC' }), 'ENOSPC', /The disk is full.* begun and not finished/],
    [new ProtocolError('login-refused', 'm'), 'login-refused', /refused the login of alice.* was not renewed/],
    [new ProtocolError('access-revoked', 'm'), 'access-revoked', /revoked your access.* was not renewed/],
  ])('says after a failure what has become of the key: %o', async (failure, code, sentence) => {
    const { profiles, run, printed } = setUp();
    profiles.renewalFailure = failure;
    const running = run('renew-key');
    expect(await sentenceOf(running)).toMatch(sentence);
    expect(await rejectedCode(running)).toBe(code);
    expect(printed()).toBe('');
  });

  test('names the rooms to which the server denies access, because others there may see the key before', async () => {
    const { profiles, run, printed } = setUp();
    const out = { denied: true };
    profiles.renewedClient.joined = [
      ...[view('lobby'), view('den', out), direct('bob', out)],
      ...[view('gone', { ...out, removed: true }), view('out', { ...out, leaving: true })],
    ];
    await run('renew-key');
    expect(printed()).toMatch(
      /in all of your rooms but den, @bob, to which the server denies you access: others there/,
    );
  });

  test('does not renew the key twice after it was cut off, but gives the rooms the one that is there', async () => {
    const { client, profiles, run, printed, reported } = setUp();
    client.begunRenewal = 'finished';
    client.fingerprint = 'ef'.repeat(32);
    await run('renew-key', '--json');
    expect(profiles.renewed).toEqual([]);
    expect(JSON.parse(printed())).toEqual({ user: 'alice', fingerprint: client.fingerprint, made: 'before' });
    expect(reported()).toMatch(/cut off before, is finished/);
    expect([client.connects, client.closed]).toEqual([['connect'], true]);

    const { client: other, profiles: others, run: again, printed: shown } = setUp();
    others.content = withKeyOf(-599_999);
    other.isRenewingKey = true;
    const renewing = again('renew-key');
    while (other.connects.length === 0) await settle();
    other.isRenewingKey = false;
    other.emit({ kind: 'renewal-complete' });
    await renewing;
    expect(others.renewed).toEqual([]);
    expect(shown()).toMatch(
      /^The identity key that an earlier run has made is .* has made no other one: run the command/,
    );
  });

  test.each([
    ['minutes ago', withKeyOf(-600_000)],
    ['at a time that is to come', withKeyOf(600_000)],
    ['never', withKeyOf(null)],
  ])(
    'makes another key when a room lacks the one that was made %s, whatever keeps it from having it',
    async (_, content) => {
      const { client, profiles, run, printed } = setUp();
      client.isRenewingKey = true;
      profiles.content = content;
      await run('renew-key');
      expect(profiles.renewed).toEqual(['alice']);
      expect(printed()).toMatch(/^Your identity key is renewed/);
    },
  );

  test('makes no key before it knows how old the present one is', async () => {
    const { client, profiles, run } = setUp();
    client.isRenewingKey = true;
    expect(await rejectedCode(run('renew-key'))).toBe('wrong-password');
    expect([profiles.renewed, client.closed]).toEqual([[], true]);
  });

  test('goes on when the server has the new key already and the profile does not', async () => {
    const { client, profiles, run, printed } = setUp();
    client.begunRenewal = 'unfinished';
    client.failures.push(new ClientError('renewal-unfinished', 'm'));
    await run('renew-key', '--json');
    expect(profiles.renewed).toEqual(['alice']);
    // The key is as old as the run that has begun the renewal.
    expect(JSON.parse(printed())).toMatchObject({ made: 'before' });
  });

  test('leaves no doubt about the key when it is stopped', async () => {
    const { client, profiles, stop, run, reported } = setUp();
    client.joined = [view('lobby', { caughtUp: false })];
    const early = rejectedCode(run('renew-key'));
    await settle();
    stop.abort();
    expect(await early).toBe('cancelled');
    expect([profiles.renewed, reported()]).toEqual([[], '']);

    const later = setUp();
    later.profiles.renewedClient.isRenewingKey = true;
    const late = rejectedCode(later.run('renew-key'));
    while (later.profiles.renewedClient.connects.length === 0) await settle();
    later.stop.abort();
    expect(await late).toBe('cancelled');
    expect(later.reported()).toMatch(/renewed at the server, but not in all of your rooms yet/);
  });
});

test('other commands report on standard error what became of a renewal that was cut off', async () => {
  for (const [begunRenewal, note] of [
    ['finished', /is finished/],
    ['unfinished', /the next start of chat asks again/],
    ['refused', /your key stays as it was/],
  ] as const) {
    const { client, run, printed, reported } = setUp();
    client.begunRenewal = begunRenewal;
    client.joined = [view('lobby')];
    await run('members', 'lobby', '--json');
    expect(reported()).toMatch(note);
    expect(JSON.parse(printed())).toMatchObject({ user: 'alice' });
  }
});
