/**
 * The drill: the CA of a server is renewed under users at their programs, with clocks that are moved. Connected users have nothing to
 * do, absent ones neither. What is withdrawn or disputed is not followed, and each screen says so.
 */
import { cpSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { formatInvitationLine, parseInvitationLine } from '@chat/protocol';
import { longTest, optional, temporaryFolder } from '@chat/testkit';
import { expect } from 'vitest';
import { readyIn } from '../support/cli-screen.ts';
import { movedClocks } from '../support/moved-clock.ts';
import { ServerProcess, serverCommand } from '../support/server-process.ts';
import { Typist } from '../support/typist.ts';

const isConnected = /connected|create a room/;

/** Runs `chat-server authority`, and returns what it prints as JSON. */
async function authority(data: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const ended = await serverCommand(['authority', ...args, '--data', data, '--json'], environment);
  if (ended.code !== 0) throw new Error(ended.err);
  return JSON.parse(ended.out) as {
    readonly fingerprint: string;
    readonly next: { readonly fingerprint: string } | null;
    readonly accepted: number;
  };
}

optional('a C compiler', ['cc', '--version'])('a server that renews its CA', () => {
  longTest('keeps all its users: connected, absent and new ones, with every line', async () => {
    const folder = temporaryFolder().path;
    const after = await movedClocks(folder);
    const data = join(folder, 'server');
    let server = await ServerProcess.start(data);
    const { ports, text: oldLine } = server;
    const enter = (user: string, line: string | null, days = 0) => new Typist(folder, user, line, after(days));
    let alice = enter('alice', oldLine);
    await alice.shows(isConnected);
    alice.type('/create lobby');
    await alice.shows(/You are in lobby/);
    for (const user of ['bob', 'carol', 'dave', 'erin']) {
      const member = enter(user, oldLine);
      await member.shows(isConnected);
      member.type('/join lobby');
      await member.shows(readyIn('lobby'));
      await member.quit();
    }
    // Carol is away until long after the switch.
    let bob = enter('bob', null);
    await bob.shows(/connected/);

    const announced = await authority(data, ['announce', '--in', '7']);
    for (const user of [alice, bob]) await user.shows(/renews the certificate authority of the server, from/);
    expect((await authority(data, ['status'])).next).toEqual(announced.next);
    expect((await serverCommand(['revoke', 'dave', '--yes', '--data', data])).code).toBe(0);
    await alice.shows(/dave/);
    await Promise.all([alice, bob].map((user) => user.quit()));

    // The server dies in the middle of its switch.
    await server.kill('SIGKILL');
    renameSync(join(data, 'ca-next-key.pem'), join(data, 'ca-key.pem'));
    server = await ServerProcess.start(data, ports, after(9));
    const newLine = server.text;
    expect(parseInvitationLine(newLine)?.fingerprint).toBe(announced.next?.fingerprint);
    const { fingerprint } = announced.next ?? {};
    expect(await authority(data, ['status'])).toMatchObject({ fingerprint, next: null, accepted: 1 });
    alice = enter('alice', null, 9);
    bob = enter('bob', null, 9);
    for (const user of [alice, bob]) await user.shows(/renewed certificate authority of the server is trusted/);
    expect((await serverCommand(['revoke', 'erin', '--yes', '--data', data], after(9))).code).toBe(0);
    alice.type('/join lobby', 'after the switch');
    bob.type('/join lobby');
    await bob.shows(/alice: after the switch/);

    // New users, with a line from before and one from after.
    const frank = enter('frank', oldLine, 9);
    const grace = enter('grace', newLine, 9);
    for (const user of [frank, grace]) {
      await user.shows(isConnected);
      user.type('/join lobby');
      await user.shows(readyIn('lobby'));
    }
    // Carol learns of the succession now, and follows it a week later.
    let carol = enter('carol', null, 9);
    await carol.shows(/renews the certificate authority/);
    await carol.quit();
    await frank.quit();
    await Promise.all([alice, bob, grace].map((user) => user.quit()));
    await server.kill('SIGTERM');
    server = await ServerProcess.start(data, ports, after(17));
    carol = enter('carol', null, 17);
    await carol.shows(/renewed certificate authority of the server is trusted/);
    carol.type('/join lobby', 'back again');

    // From now on only the present CA counts: a user who has not followed needs the new line.
    expect((await authority(data, ['end-old'], after(17))).accepted).toBe(0);
    await carol.shows(/connected[\s\S]*connected/);
    const late = enter('frank', null, 17);
    await late.shows(/a new invitation line from the operator/);
    await late.quit();
    const again = enter('frank', newLine, 17);
    await again.shows(/the profile trusts the one of the line from now on/);
    await again.shows(isConnected);
    await Promise.all([carol, again].map((user) => user.quit()));
    const screens = [alice, bob, carol, grace, again].map(({ screen }) => screen).join('\n');
    expect(screens).not.toMatch(/not signed|in other hands|violat|bad-signature/);
    await server.kill('SIGTERM');
  });

  longTest('follows no CA that was withdrawn, and neither of two successors', async () => {
    const folder = temporaryFolder().path;
    const [data, copy] = [join(folder, 'server'), join(folder, 'copy')];
    let server = await ServerProcess.start(data);
    const { ports, text: line } = server;
    const alice = new Typist(folder, 'alice', line);
    await alice.shows(isConnected);
    await authority(data, ['announce']);
    await alice.shows(/renews the certificate authority/);
    await authority(data, ['cancel']);
    await alice.shows(/has withdrawn the certificate authority that it had announced/);
    await server.kill('SIGTERM');
    cpSync(data, copy, { recursive: true });
    for (const from of [data, copy]) await authority(from, ['announce']);
    server = await ServerProcess.start(data, ports);
    await alice.shows(/renews the certificate authority[\s\S]*renews the certificate authority/);
    await server.kill('SIGTERM');
    // Another holder of the CA's key has named another successor.
    rmSync(data, { recursive: true });
    server = await ServerProcess.start(copy, ports);
    await alice.shows(/There are two successors of the certificate authority of this server/);
    await alice.quit();
    expect(formatInvitationLine(server.line)).toBe(line);
    await server.kill('SIGTERM');
  });
});
