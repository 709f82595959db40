/**
 * The drill: three users at their programs, a backup beside the running server, a loss of all of its data, a restore. All go on, and each
 * screen says what happened.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { longTest, temporaryFolder } from '@chat/testkit';
import { expect } from 'vitest';
import { readyIn } from '../support/cli-screen.ts';
import { ServerProcess, serverCommand } from '../support/server-process.ts';
import { Typist } from '../support/typist.ts';

longTest(
  'three clients go on after the server was restored from a backup, with a user who enrolled after it',
  async () => {
    const folder = temporaryFolder().path;
    const [data, backup] = [join(folder, 'server'), join(folder, 'backup')];
    let server = await ServerProcess.start(data);
    const { ports, text: line } = server;
    const [alice, bob, dave] = ['alice', 'bob', 'dave'].map((user) => new Typist(folder, user, line)) as [
      Typist,
      Typist,
      Typist,
    ];
    await Promise.all([alice, bob, dave].map((user) => user.shows(/connected|create a room/)));
    alice.type('/create lobby');
    await alice.shows(/You are in lobby/);
    for (const user of [bob, dave]) user.type('/join lobby');
    await Promise.all([bob, dave].map((user) => user.shows(readyIn('lobby'))));
    alice.type('before the backup');
    await Promise.all([bob, dave].map((user) => user.shows(/alice: before the backup/)));

    const made = await serverCommand(['backup', backup, '--data', data]);
    expect(made).toMatchObject({ code: 0, err: '', out: expect.stringContaining('rooms 1') });
    for (let count = 1; count <= 20; count++) bob.type(`lost ${count}`);
    await alice.shows(/bob: lost 20/);
    // A user who enrols after the backup, an invitation to a room by invitation, and a removal.
    const carol = new Typist(folder, 'carol', line);
    await carol.shows(/connected|create a room/);
    carol.type('/join lobby');
    await carol.shows(readyIn('lobby'));
    alice.type('/remove dave');
    await bob.shows(/removed dave/);
    carol.type('I am new');
    await Promise.all([alice, bob].map((user) => user.shows(/carol: I am new/)));

    await server.kill('SIGKILL');
    await rm(data, { recursive: true });
    const restored = await serverCommand(['restore', backup, '--data', data]);
    expect(restored).toMatchObject({ code: 0, err: '', out: expect.stringContaining('give them back') });
    const began = performance.now();
    server = await ServerProcess.start(data, ports);
    const healed = /had lost (\d+) entr(?:y|ies) of .*; by its word, (.*) gave/;
    await Promise.all([alice, bob, carol].map((user) => user.shows(healed)));
    const took = performance.now() - began;
    alice.type('we go on');
    await Promise.all([bob, carol].map((user) => user.shows(/alice: we go on/)));
    carol.type('so do I');
    await Promise.all([alice, bob].map((user) => user.shows(/carol: so do I/)));

    for (const { screen } of [alice, bob, carol])
      expect(screen).not.toMatch(/another log|out of order|is not the one|!!/);
    const [, count, by] = healed.exec(alice.screen) ?? [];
    const report = await serverCommand(['users', '--data', data]);
    expect(report.out).toMatch(/carol/);
    process.stdout.write(
      `restore drill: ${count} entries given back by ${by}, ${Math.round(took)} ms after the start\n`,
    );
    await Promise.all([alice, bob, carol, dave].map((user) => user.quit()));
    await server[Symbol.asyncDispose]();
    expect((await serverCommand(['check', '--data', data])).code).toBe(0);
  },
);
