/** `invite` prints a line for one user, whether a server runs or not. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificateFingerprint } from '@chat/mini-ca';
import { parseInvitationLine } from '@chat/protocol';
import { openSqliteStore } from '@chat/store-sqlite';
import { describe, expect, test } from 'vitest';
import { run, startIn, temporaryDirectory } from '../../support/server-process.ts';

const hourMs = 3_600_000;

/** Returns whether a user can enrol with the token at a time. Uses the token up. */
async function admits(data: string, token: string, user: string, enrolledAt: number): Promise<boolean> {
  const store = await openSqliteStore(join(data, 'chat.db'), { create: false });
  const hash = createHash('sha256').update(token).digest('hex');
  const account = { user, fingerprint: user, identity: new Uint8Array(1), enrolledAt };
  const result = await store.register(account, hash);
  await store.close();
  return result === 'registered';
}

describe('invite', () => {
  test('prints one line with a new token, whether the server runs or not', async () => {
    const data = temporaryDirectory();
    const server = await startIn(data, ['--policy', 'invite', '--public-host', 'chat.example']);
    // The output does not go to a terminal, so others may read it.
    expect(server.line).toBe('');
    expect(server.out).toContain(`invite --data ${data}`);
    const running = await run(['invite', '--data', data, '--hours', '3']);
    expect(running).toMatchObject({ code: 0, err: '' });
    await server.kill('SIGTERM');
    const stopped = await run(['invite', '--data', data]);

    const [second, third] = [running, stopped].map(({ out }) => parseInvitationLine(out.trim()));
    const ca = readFileSync(join(data, 'ca.pem'), 'utf8');
    const port = Number(/enrolment on \S+:(\d+)/.exec(server.out)?.[1]);
    const address = { host: 'chat.example', port, fingerprint: certificateFingerprint(ca) };
    expect(second).toMatchObject(address);
    expect(third).toMatchObject(address);
    expect(running.out.split('\n')).toHaveLength(2);

    const now = Date.now();
    const tokens = [second, third].map((line) => line?.invitation ?? '');
    const [threeHours = '', aDay = ''] = tokens;
    expect(threeHours).not.toBe(aDay);
    for (const token of tokens) expect(token).toMatch(/^[\w-]{22}$/);
    expect(await admits(data, threeHours, 'late', now + 3 * hourMs + 1)).toBe(false);
    expect(await admits(data, threeHours, 'alice', now + 2 * hourMs)).toBe(true);
    expect(await admits(data, threeHours, 'bob', now + 2 * hourMs)).toBe(false);
    expect(await admits(data, aDay, 'late', now + 24 * hourMs + 1)).toBe(false);
    expect(await admits(data, aDay, 'bob', now + 23 * hourMs)).toBe(true);
  });

  test('prints a line for one name, or for several users, and draws it', async () => {
    const data = temporaryDirectory();
    await (await startIn(data, ['--policy', 'invite'])).kill('SIGTERM');
    const [forBob, forTwo, twice] = await Promise.all([
      run(['invite', 'bob', '--qr', '--data', data]),
      run(['invite', '--uses', '2', '--json', '--data', data]),
      run(['invite', 'bob', '--uses', '2', '--data', data]),
    ]);
    expect(twice).toMatchObject({ code: 2, out: '' });
    expect(forBob.out).toMatch(/^chat:\/\/\S+\n█{40,}\n/);
    const listed = await run(['invitations', '--data', data]);
    expect(listed.out).toMatch(/ 1 +bob$/m);
    expect(listed.out).toMatch(/ 2 +any name$/m);
    const [bobs, twos] = [forBob.out.split('\n')[0], JSON.parse(forTwo.out).line].map(
      (line) => parseInvitationLine(line ?? '')?.invitation ?? '',
    ) as [string, string];
    expect(await admits(data, bobs, 'alice', Date.now())).toBe(false);
    expect(await admits(data, twos, 'bob', Date.now())).toBe(false);
    expect(await admits(data, bobs, 'bob', Date.now())).toBe(true);
    for (const [user, isIn] of [
      ['alice', true],
      ['carol', true],
      ['dave', false],
    ] as const) {
      expect(await admits(data, twos, user, Date.now())).toBe(isIn);
    }
    expect((await run(['invite', 'bob', '--data', data])).err).toContain('reset bob');
  });

  test('requires a server that was started before and whose policy is not closed', async () => {
    const data = temporaryDirectory();
    expect(await run(['invite', '--data', data])).toMatchObject({ code: 1, out: '' });
    await (await startIn(data, ['--policy', 'closed'])).kill('SIGTERM');
    expect(await run(['invite', '--data', data])).toMatchObject({ code: 1, out: '' });
  });

  test('an invitation is listed by an id until it is withdrawn, and then enrols no user', async () => {
    const data = temporaryDirectory();
    const server = await startIn(data, ['--policy', 'invite']);
    const made = [1, 2, 3].map(() => run(['invite', '--json', '--data', data]));
    const [first, second, third] = (await Promise.all(made)).map(({ out }) => JSON.parse(out));
    const ids = async () =>
      (await run(['invitations', '--json', '--data', data])).out
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line).id);
    expect((await ids()).sort()).toEqual([first.id, second.id, third.id].sort());
    const listed = await run(['invitations', '--data', data]);
    const token = parseInvitationLine(first.line)?.invitation ?? '';
    expect(listed.out).toContain(first.id);
    expect(listed.out).not.toContain(token);

    expect(await run(['invitations', '--withdraw', first.id, '--data', data])).toMatchObject({ code: 0, err: '' });
    expect(await admits(data, token, 'alice', Date.now())).toBe(false);
    expect((await run(['invitations', '--withdraw', first.id, '--data', data])).err).toContain('No open invitation');
    expect(await admits(data, parseInvitationLine(second.line)?.invitation ?? '', 'bob', Date.now())).toBe(true);
    expect(await ids()).toEqual([third.id]);
    await server.kill('SIGTERM');
    const all = await run(['invitations', '--withdraw-all', '--json', '--data', data]);
    const { id, expiresAt } = third;
    expect(JSON.parse(all.out)).toEqual({ id, expiresAt, user: null, uses: 1, withdrawn: true });
    expect(await ids()).toEqual([]);
    expect(await run(['invitations', '--withdraw-all', '--withdraw', third.id, '--data', data])).toMatchObject({
      code: 2,
    });
  });
});
