/** One profile in several programs: here several clients of one process, which the lock and the socket keep apart as they do processes. */
import { readdir, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { ClientEvent } from '@chat/client';
import { rejectedCode } from '@chat/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { enrolShared, fetchAuthority, openSharedProfile, type ProfileSummary } from '../../../src/node/index.ts';
import { profilePaths } from '../../../src/node/profile-paths.ts';
import { openProgram, profileOf, withLobby } from '../../support/shared-programs.ts';
import { password, TestNetwork } from '../../support/test-network.ts';

const numbered = (count: number, name: string) => Array.from({ length: count }, (_, index) => `${name} ${index}`);

describe('a profile that is open in a program', () => {
  test('is used by others through it: they show the same rooms and events, and send in their order', async () => {
    await using network = await TestNetwork.start();
    const profile = await withLobby(network);
    const first = await openProgram(profile);
    const second = await openProgram(profile);
    const third = await openProgram(profile);
    expect([first, second, third].map(({ client }) => client.isHolder)).toEqual([true, false, false]);
    expect([second.client.user, second.client.fingerprint]).toEqual([first.client.user, first.client.fingerprint]);
    expect(second.client.rooms()).toEqual(first.client.rooms());

    await first.client.connect();
    await Promise.all([second.client.connect(), third.client.connect()]);
    expect([second.client.online, third.client.online]).toEqual([true, true]);
    const sent = [second, third].flatMap(({ client }, index) =>
      numbered(10, index === 0 ? 'second' : 'third').map((text) => client.send('lobby', text)),
    );
    const places = await Promise.all(sent);
    expect(new Set(places.map(({ seq }) => seq)).size).toBe(20);
    await Promise.all([second.read('third 9'), third.read('second 9')]);
    for (const { texts } of [first, second, third]) {
      expect(texts('lobby').filter((text) => text.startsWith('second'))).toEqual(numbered(10, 'second'));
      expect(texts('lobby').filter((text) => text.startsWith('third'))).toEqual(numbered(10, 'third'));
    }
    expect(second.texts('lobby')).toEqual(first.texts('lobby'));
    expect(second.client.room('lobby')).toEqual(first.client.room('lobby'));
    expect(first.events.filter(({ kind }) => kind === 'refused')).toEqual([]);
  });

  test('shows a program what its own call has changed once the call is answered', async () => {
    await using network = await TestNetwork.start();
    const profile = await withLobby(network);
    const first = await openProgram(profile);
    const second = await openProgram(profile);
    await first.client.connect();
    const view = await second.client.createRoom('den', { join: 'invite', history: 'all' });
    expect(second.client.room('den')).toEqual(view);
    expect(view.policy).toEqual({ join: 'invite', history: 'all' });
    await network.enrol('bob');
    await second.client.invite('den', 'bob');
    expect(second.client.room('den')?.invited.map(({ user }) => user)).toEqual(['bob']);
    expect(second.client.lookAlike('b0b')).toBe('bob');
    expect(await second.client.logFingerprint('den')).toEqual(await first.client.logFingerprint('den'));
    await second.client.leaveRoom('den');
    expect(second.client.room('den')).toBeNull();
  });

  test('shows a program that another one has left a room', async () => {
    await using network = await TestNetwork.start();
    const profile = await withLobby(network);
    const programs = [await openProgram(profile), await openProgram(profile), await openProgram(profile)] as const;
    const [first, second, third] = programs;
    await Promise.all(programs.map(({ client }) => client.connect()));
    await second.client.createRoom('den');
    for (const [leaver, roomName] of [
      [second, 'den'],
      [first, 'lobby'],
    ] as const) {
      const others = programs.filter((each) => each !== leaver);
      const isLeft = (event: ClientEvent) => event.kind === 'left' && event.roomName === roomName;
      const left = others.map((each) => each.event(isLeft));
      await leaver.client.leaveRoom(roomName);
      for (const event of await Promise.all(left)) expect(event).toMatchObject({ elsewhere: true });
      for (const { client } of programs) expect(client.room(roomName)).toBeNull();
      expect(leaver.events.filter(isLeft)).toEqual([]);
    }
    expect(third.client.rooms()).toEqual([]);
  });

  test('gives a program the errors of its client', async () => {
    await using network = await TestNetwork.start();
    const profile = await withLobby(network);
    const first = await openProgram(profile);
    const second = await openProgram(profile);
    await first.client.connect();
    expect(await rejectedCode(second.client.send('nowhere', 'hello'))).toBe('not-joined');
    expect(await rejectedCode(second.client.joinRoom('nowhere'))).toBe('unknown-room');
    // Longer than a message, and than a call.
    for (const length of [16_385, 3_000_000]) {
      for (const { client } of [first, second]) {
        expect(await rejectedCode(client.send('lobby', 'x'.repeat(length)))).toBe('message-too-long');
      }
    }
    expect(second.client.room('lobby')?.unsent).toBe(0);
  });

  test('goes on in another program when the first one ends: nothing is lost, and nothing comes twice', async () => {
    await using network = await TestNetwork.start();
    const profile = await withLobby(network);
    const first = await openProgram(profile);
    const second = await openProgram(profile);
    const third = await openProgram(profile);
    await first.client.connect();
    await Promise.all([second.client.connect(), third.client.connect()]);
    const before = numbered(20, 'before').map((text) => second.client.send('lobby', text));
    await first.read('before 3');
    await first.client.close();
    const after = numbered(20, 'after').map((text) => second.client.send('lobby', text));
    await Promise.all([...before, ...after]);
    await Promise.all([second.read('after 19'), third.read('after 19')]);
    const all = [...numbered(20, 'before'), ...numbered(20, 'after')];
    expect(second.texts('lobby')).toEqual(all);
    expect(third.texts('lobby')).toEqual(all);
    expect([second.client.isHolder, third.client.isHolder].filter(Boolean)).toHaveLength(1);
    const codes = [...second.events, ...third.events].filter(
      (event) => event.kind === 'room' && event.event.kind === 'violation',
    );
    expect(codes).toEqual([]);
  });

  test('does not say that a call was carried out, or was not, if its program ended before the answer', async () => {
    await using network = await TestNetwork.start();
    const profile = await withLobby(network);
    const first = await openProgram(profile);
    const second = await openProgram(profile);
    await first.client.connect();
    const created = rejectedCode(second.client.createRoom('den'));
    await first.client.close();
    expect(await created).toBe('outcome-unknown');
  });

  test('shows a program the kept messages, finds words in them, and takes its rules of what is kept', async () => {
    await using network = await TestNetwork.start();
    const profile = await withLobby(network);
    const first = await openProgram(profile);
    const second = await openProgram(profile);
    await first.client.connect();
    for (const text of ['a red fox', 'a blue fox', 'a red hen']) await first.client.send('lobby', text);
    const page = await second.client.messages.page('lobby', { limit: 2 });
    expect(page.map(({ text }) => text)).toEqual(['a blue fox', 'a red hen']);
    expect(await second.client.messages.page('lobby', { before: page[0]?.seq })).toMatchObject([{ text: 'a red fox' }]);
    expect(await second.client.messages.page('nowhere')).toEqual([]);
    const { hits, next } = await second.client.messages.search({ words: 'fox', limit: 1 });
    expect(hits).toMatchObject([{ text: 'a blue fox', roomName: 'lobby' }]);
    const more = { words: 'fox', roomName: 'lobby', ...(next === null ? {} : { after: next }) };
    const [hit] = (await second.client.messages.search(more)).hits;
    expect(hit).toMatchObject({ text: 'a red fox' });
    // A hit has more than its place.
    const around = await second.client.messages.around(hit ?? expect.unreachable(), 1);
    expect(around).toEqual(await first.client.messages.around(hit ?? expect.unreachable(), 1));
    expect(around.map(({ text }) => text)).toEqual(['a red fox', 'a blue fox']);
    expect(await second.client.messages.around(hit ?? expect.unreachable())).toHaveLength(3);

    expect(await second.client.messages.retention()).toBe('all');
    expect(await second.client.messages.hasOwnRetention('lobby')).toBe(false);
    await second.client.messages.setRetention({ messages: 1 }, 'lobby');
    expect(await first.client.messages.retention('lobby')).toEqual({ messages: 1 });
    expect(await second.client.messages.hasOwnRetention('lobby')).toBe(true);
    await second.client.messages.settled();
    expect(await first.client.messages.page('lobby')).toMatchObject([{ text: 'a red hen' }]);
    await second.client.messages.setRetention(null, 'lobby');
    await second.client.messages.setRetention({ days: 7 });
    expect(await second.client.messages.retention('lobby')).toEqual({ days: 7 });
    expect(await rejectedCode(second.client.messages.setRetention({ days: 0 }))).toBe('invalid-argument');
    expect(await rejectedCode(second.client.messages.page('lobby', { limit: 0 }))).toBe('invalid-argument');
  });

  test('lets every program know that messages are missing, as soon as one of them finds it, and when another one has the profile', async () => {
    await using network = await TestNetwork.start();
    const profile = await withLobby(network);
    const writer = await openProgram(profile);
    await writer.client.connect();
    for (const text of ['a', 'b', 'c', 'd', 'e']) await writer.client.send('lobby', text.repeat(16_000));
    await writer.client.close();
    const { messages } = profilePaths(profile.directory);
    for (const name of await readdir(messages)) await rm(join(messages, name));

    const programs = [await openProgram(profile), await openProgram(profile), await openProgram(profile)] as const;
    const [first, second, third] = programs;
    const damaged = () => programs.map(({ client }) => client.messages.areDamaged);
    expect(damaged()).toEqual([false, false, false]);
    expect((await second.client.messages.page('lobby')).length).toBeLessThan(5);
    // At once: a command that prints the page says it then.
    expect(second.client.messages.areDamaged).toBe(true);
    await third.client.messages.retention();
    expect(damaged()).toEqual([true, true, true]);
    const late = await openProgram(profile);
    expect(late.client.messages.areDamaged).toBe(true);
    await first.client.close();
    // The next one has not read these messages yet.
    await Promise.all([second, third].map(({ client }) => client.messages.retention()));
    expect([second, third].map(({ client }) => client.messages.areDamaged)).toEqual([true, true]);
  });

  test('connects when another program wants it, although its own does not', async () => {
    await using network = await TestNetwork.start();
    const profile = await withLobby(network);
    const first = await openProgram(profile);
    const second = await openProgram(profile);
    await second.client.connect();
    expect(first.client.online).toBe(true);
    await first.client.connect();
    await second.client.send('lobby', 'hello');
    expect(first.texts('lobby')).toEqual(['hello']);
    expect(second.client.room('lobby')?.unsent).toBe(0);
  });

  test('shows a program that its message waits, before it is on the log', async () => {
    await using network = await TestNetwork.start();
    const profile = await withLobby(network);
    await openProgram(profile);
    const second = await openProgram(profile);
    // There is no connection, so the message waits.
    const sent = rejectedCode(second.client.send('lobby', 'hello'));
    // Each answer comes after what was published before.
    while (second.client.room('lobby')?.unsent !== 1) await second.client.messages.retention();
    await second.client.close();
    expect(await sent).toBe('closed');
  });

  test('of a new user is open to other programs at once', async () => {
    await using network = await TestNetwork.start();
    const authority = await fetchAuthority(network.address);
    const { home, address } = network;
    const client = await enrolShared({ home, address, authority, user: 'carol', password });
    onTestFinished(() => client.close());
    const second = await openProgram(await profileOf(network, 'carol'));
    expect([client.isHolder, second.client.isHolder]).toEqual([true, false]);
    expect(second.client.fingerprint).toBe(client.fingerprint);
    await second.client.connect();
    await second.client.createRoom('lobby');
    expect(client.room('lobby')).not.toBeNull();
  });

  test('is served to no program that does not prove the password', async () => {
    await using network = await TestNetwork.start();
    const profile = await withLobby(network);
    await openProgram(profile);
    expect(await rejectedCode(openSharedProfile(profile, 'not the password'))).toBe('wrong-password');
    for (const proof of ['00'.repeat(32), '']) {
      const said = await answersTo(profile, { nonce: '11'.repeat(32), proof, resumes: null });
      expect(said).toMatch(/^\{"v":\d+,"nonce":"[0-9a-f]{64}"\}\n$/);
    }
    expect(await answersTo(profile, { id: 0, method: 'rooms', arguments: [] })).not.toContain('lobby');
  });
});

/** Returns everything that the holder says to a program that sends this message, until it ends the connection. */
async function answersTo(profile: ProfileSummary, message: object): Promise<string> {
  const socket: Socket = connect(profilePaths(profile.directory).socket);
  let said = '';
  socket.on('data', (chunk) => {
    said += chunk.toString();
  });
  socket.write(`${JSON.stringify(message)}\n`);
  await new Promise((resolve) => socket.once('close', resolve));
  return said;
}
