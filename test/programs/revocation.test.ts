/** A user is revoked, with the real programs: `chat-server revoke` beside a running server. */
import { join } from 'node:path';
import { fetchAuthority } from '@chat/client/node';
import { parseInvitationLine } from '@chat/protocol';
import { openSqliteStore } from '@chat/store-sqlite';
import { longTest, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { commandsOf } from '../support/chat-command.ts';
import { Holdings, storedRoom } from '../support/holdings.ts';
import { User } from '../support/people.ts';
import { ServerProcess, serverCommand } from '../support/server-process.ts';

/** Resolves when the clients of all these users show `left` members and have a key. */
const alone = (people: readonly User[], left: number) =>
  Promise.all(
    people.map((person) =>
      person.until(() => {
        const room = person.client.room('lobby');
        return person.client.online && room?.members.length === left && room.hasKey;
      }),
    ),
  );

const wasRefused = (person: User) => () =>
  person.events.some((event) => event.kind === 'refused' && event.code === 'access-revoked');

test('a revoked user loses access at once, can decrypt nothing that follows with all keys ever held, and cannot return', async () => {
  const folder = temporaryFolder();
  const data = join(folder.path, 'server');
  await using server = await ServerProcess.start(data);
  await using alice = await User.enrol(folder.path, server.line, 'alice');
  await using bob = await User.enrol(folder.path, server.line, 'bob');
  await using carol = await User.enrol(folder.path, server.line, 'carol');
  const [hers, his] = [new Holdings(), new Holdings()];
  await alice.client.createRoom('lobby');
  await bob.join('lobby');
  await carol.join('lobby');
  await hers.copy(carol);
  await alice.client.send('lobby', 'said to three');
  await carol.until(() => carol.texts('lobby').includes('said to three'));
  await hers.copy(carol);

  const revoked = await serverCommand([
    'revoke',
    'carol',
    '--data',
    data,
    '--reason',
    'keyCompromise',
    '--yes',
    '--json',
  ]);
  expect(revoked).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(revoked.out)).toMatchObject({ users: ['carol'], connections: 1, rooms: 1, certificates: 1 });
  await carol.until(wasRefused(carol));
  await alone([alice, bob], 2);
  await alice.client.send('lobby', 'said to two');
  await bob.until(() => bob.texts('lobby').includes('said to two'));
  await his.copy(bob);
  await hers.copy(carol);
  expect(carol.texts('lobby')).toEqual(['said to three']);

  // Carol cannot return with her certificate, with a new one, or with another key under her name.
  await carol.client.close();
  const asCarol = commandsOf(join(folder.path, 'clients'), 'carol', 'long enough to be one');
  const back = await asCarol(['send', 'lobby', 'let me']);
  expect(back.code).not.toBe(0);
  expect(back.err).toMatch(/revoked/);
  const impostor = User.enrol(join(folder.path, 'elsewhere'), server.line, 'carol');
  await expect(impostor).rejects.toMatchObject({ code: 'user-name-taken' });
  expect([...alice.violations, ...bob.violations]).toEqual([]);

  // Carol gets all that the server stores.
  const { fingerprint: ca } = await fetchAuthority(server.line);
  await server.kill('SIGTERM');
  const store = await openSqliteStore(join(data, 'chat.db'), { create: false });
  const people = alice.client.room('lobby')?.members.map(({ fingerprint }) => fingerprint) ?? [];
  const carols = (await store.findAccount('carol'))?.fingerprint ?? '';
  const kept = await storedRoom(store, 'lobby', { people: [...people, carols], ca });
  await store.close();
  expect(hers.read(kept).join()).toContain('said to three');
  expect(hers.read(kept).join()).not.toContain('said to two');
  expect(his.read(kept).join()).toContain('said to two');
});

test('a user whose name was freed enrols with a new key, and members are warned until they trust it', async () => {
  const folder = temporaryFolder();
  const data = join(folder.path, 'server');
  await using server = await ServerProcess.start(data);
  await using alice = await User.enrol(folder.path, server.line, 'alice');
  await using bob = await User.enrol(folder.path, server.line, 'bob');
  await alice.client.createRoom('lobby');
  await bob.join('lobby');
  await alice.client.send('lobby', 'to the first bob');
  await bob.until(() => bob.texts('lobby').includes('to the first bob'));

  const done = await serverCommand(['reset', 'bob', '--yes', '--json', '--data', data]);
  expect(done).toMatchObject({ code: 0, err: '' });
  const { line, ...rest } = JSON.parse(done.out);
  expect(rest).toMatchObject({ users: ['bob'], connections: 1, rooms: 1, certificates: 1 });
  await bob.until(wasRefused(bob));
  await alone([alice], 1);
  await bob.client.close();
  const back = await commandsOf(join(folder.path, 'clients'), 'bob', User.password)(['send', 'lobby', 'let me']);
  expect(back.err).toMatch(/revoked/);

  // The name is kept for the line, and the other key is not taken for the first one.
  const elsewhere = join(folder.path, 'elsewhere');
  await expect(User.enrol(elsewhere, server.line, 'bob')).rejects.toMatchObject({ code: 'user-name-taken' });
  const invitation = parseInvitationLine(line);
  if (invitation === null) throw new Error(`not an invitation line: ${line}`);
  await using next = await User.enrol(join(folder.path, 'new'), invitation, 'bob');
  await next.client.joinRoom('lobby');
  await alice.until(() => alice.events.some((event) => event.kind === 'identity-changed' && event.user === 'bob'));
  await expect(alice.client.send('lobby', 'too early')).rejects.toMatchObject({ code: 'identity-changed' });
  await alice.client.trust('bob', next.client.fingerprint);
  await alice.client.send('lobby', 'to the next bob');
  await next.until(() => next.texts('lobby').includes('to the next bob'));
  expect(next.texts('lobby')).not.toContain('to the first bob');
  expect([...alice.violations, ...next.violations]).toEqual([]);
});

longTest('a server that is killed during a revocation finishes it at its next start', async () => {
  const folder = temporaryFolder();
  const data = join(folder.path, 'server');
  let server = await ServerProcess.start(data);
  const { ports } = server;
  try {
    await using alice = await User.enrol(folder.path, server.line, 'alice');
    await using bob = await User.enrol(folder.path, server.line, 'bob');
    await using carol = await User.enrol(folder.path, server.line, 'carol');
    await using dave = await User.enrol(folder.path, server.line, 'dave');
    await alice.client.createRoom('lobby');
    for (const person of [bob, carol, dave]) await person.join('lobby');
    const store = await openSqliteStore(join(data, 'chat.db'), { create: false });
    const isRevoked = async (user: string) => (await store.findAccount(user))?.revoked !== null;

    // The server is killed as soon as the account is marked, at any point of the rest.
    const command = serverCommand(['revoke', 'carol', '--yes', '--data', data]);
    while (!(await isRevoked('carol'))) await new Promise(setImmediate);
    await server.kill('SIGKILL');
    await command;
    server = await ServerProcess.start(data, ports);
    await alone([alice, bob, dave], 3);
    await carol.until(wasRefused(carol));

    // While no server runs, the command only marks the account.
    await server.kill('SIGKILL');
    const marked = await serverCommand(['revoke', 'dave', '--yes', '--data', data]);
    expect(marked).toMatchObject({ code: 0, err: '' });
    expect(marked.out).toMatch(/next start/);
    server = await ServerProcess.start(data, ports);
    await alone([alice, bob], 2);
    await dave.until(wasRefused(dave));
    await store.close();

    await alice.client.send('lobby', 'said to two');
    await bob.until(() => bob.texts('lobby').includes('said to two'));
    expect(bob.client.room('lobby')?.members.map(({ user }) => user)).toEqual(['alice', 'bob']);
    expect([carol, dave].flatMap((person) => person.texts('lobby'))).toEqual([]);
    expect([...alice.violations, ...bob.violations]).toEqual([]);
  } finally {
    await server[Symbol.asyncDispose]();
  }
});
