/** `invite`: a line for one person, while the server runs and while it does not. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificateFingerprint } from '@chat/mini-ca';
import { parseInvitationLine } from '@chat/protocol';
import { openSqliteStore } from '@chat/store-sqlite';
import { describe, expect, test } from 'vitest';
import { run, startIn, temporaryDirectory } from './server-process.ts';

const hour = 3_600_000;

/** Whether the token admits somebody at a time. Uses it up. */
async function admits(data: string, token: string, user: string, enrolledAt: number): Promise<boolean> {
  const store = await openSqliteStore(join(data, 'chat.db'), { create: false });
  const hash = createHash('sha256').update(token).digest('hex');
  const account = { user, fingerprint: 'f', identity: new Uint8Array(1), enrolledAt };
  const result = await store.register(account, hash);
  await store.close();
  return result === 'registered';
}

describe('invite', () => {
  test('prints one line with a new token, while the server runs and after', async () => {
    const data = temporaryDirectory();
    const server = await startIn(data, ['--policy', 'invite', '--public-host', 'chat.example']);
    // Where its output goes others may read it.
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
    expect(await admits(data, threeHours, 'late', now + 3 * hour + 1)).toBe(false);
    expect(await admits(data, threeHours, 'ada', now + 2 * hour)).toBe(true);
    expect(await admits(data, threeHours, 'bob', now + 2 * hour)).toBe(false);
    expect(await admits(data, aDay, 'late', now + 24 * hour + 1)).toBe(false);
    expect(await admits(data, aDay, 'bob', now + 23 * hour)).toBe(true);
  });

  test('needs a server that was started once, and one that takes invitations', async () => {
    const data = temporaryDirectory();
    expect(await run(['invite', '--data', data])).toMatchObject({ code: 1, out: '' });
    await (await startIn(data, ['--policy', 'closed'])).kill('SIGTERM');
    expect(await run(['invite', '--data', data])).toMatchObject({ code: 1, out: '' });
  });
});
