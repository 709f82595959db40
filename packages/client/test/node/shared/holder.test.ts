/** What a holder does with guests that do not read, that flood it, that come late or prove nothing; and guests with holders. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { ChatClient } from '@chat/client';
import { rejectedCode, temporaryFolder } from '@chat/testkit';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { SendOptions } from '../../../src/messages/saying.ts';
import { localVersion } from '../../../src/node/shared/local-messages.ts';
import {
  fakeClient,
  key,
  linked,
  linkOptions,
  listening,
  RawGuest,
  roomAt,
  trouble,
  tryLink,
} from '../../support/fake-holder.ts';
import { end } from '../../support/places.ts';

const mebibyte = 'x'.repeat(1024 * 1024);

describe('a holder', () => {
  test('ends the connection of a guest that does not read, and serves the others', async () => {
    const { path, holder } = await listening();
    const { connection, report } = fakeClient();
    holder.serve(connection);
    const deaf = new RawGuest(path);
    await deaf.begin();
    deaf.socket.pause();
    const other = await linked(path);
    for (let sent = 0; sent < 40; sent++) {
      report(trouble(mebibyte));
      // The one that reads has read it.
      await other.link.call('listRooms', []);
    }
    expect(other.events).toHaveLength(40);
    deaf.socket.resume();
    await deaf.ended();
    // All that the system has taken for it is less than what was sent.
    expect(deaf.got.length).toBeLessThan(40 * mebibyte.length);
  });

  test('gives a guest that reads slowly all that was passed on when it ends', async () => {
    const { path, holder } = await listening();
    const { connection, report } = fakeClient();
    holder.serve(connection);
    const slow = new RawGuest(path);
    await slow.begin();
    slow.socket.pause();
    for (let sent = 0; sent < 2; sent++) report(trouble(mebibyte));
    report(trouble('the last one'));
    end(holder);
    slow.socket.resume();
    await slow.comes('the last one');
    await slow.ended();
  });

  test('lets guests wait until the profile is read, and ends them if it cannot be', async () => {
    const { path, holder } = await listening();
    const waiting = linked(path);
    const impatient = new RawGuest(path);
    await impatient.prove();
    // A call before the guest is admitted is none.
    impatient.send({ id: 0, method: 'listRooms', arguments: [] });
    await impatient.ended();
    holder.serve(fakeClient().connection);
    const { link } = await waiting;
    expect(link.identity).toMatchObject({ user: 'alice' });
    expect(await link.call('listRooms', [])).toEqual([{ name: 'lobby' }]);

    const failing = await listening();
    const refused = tryLink(linkOptions(failing.path).options);
    const other = new RawGuest(failing.path);
    await other.prove();
    end(failing.holder);
    expect(await refused).toBeNull();
    await other.ended();
  });

  test('is found by a guest however many connections prove nothing', async () => {
    const { path, holder } = await listening();
    holder.serve(fakeClient().connection);
    const first = await linked(path);
    const idle = Array.from({ length: 40 }, () => new RawGuest(path));
    await Promise.all(idle.map((each) => Promise.race([each.comes('"nonce"'), each.ended()])));
    await Promise.all(idle.slice(0, 24).map((each) => each.ended()));
    const second = await linked(path);
    for (const { link } of [first, second]) expect(await link.call('listRooms', [])).toEqual([{ name: 'lobby' }]);
  });

  test('serves 16 guests at once, and another one when one has ended', async () => {
    const { path, holder } = await listening();
    holder.serve(fakeClient().connection);
    const guests = await Promise.all(Array.from({ length: 16 }, () => linked(path)));
    expect(await tryLink(linkOptions(path).options)).toBeNull();
    guests[7]?.link.close();
    let later = null;
    while (later === null) later = await tryLink(linkOptions(path).options);
    expect(await later.call('listRooms', [])).toEqual([{ name: 'lobby' }]);
  });

  test.each([
    ['sends a long line', 'x'.repeat(5_000)],
    ['sends no message', '{"hello":"world"}\n'],
    ['sends no JSON', 'hello\n'],
    ['calls', '{"id":0,"method":"listRooms","arguments":[]}\n'],
    ['proves nothing', `${JSON.stringify({ nonce: '11'.repeat(32), proof: '00'.repeat(32), resumes: null })}\n`],
    ['has an empty proof', `${JSON.stringify({ nonce: '11'.repeat(32), proof: '', resumes: null })}\n`],
  ])('ends a connection that %s before it has proved the password, and tells it nothing', async (_, text) => {
    const { path, holder } = await listening();
    holder.serve(fakeClient([roomAt('lobby', 1)]).connection);
    const stranger = new RawGuest(path);
    stranger.socket.write(text);
    await stranger.ended();
    expect(stranger.got).toMatch(/^\{"v":\d+,"nonce":"[0-9a-f]{64}"\}\n$/);
  });

  test('gives a guest of another holder the events since its begin, and one of its own those that it has not got', async () => {
    const { path, holder } = await listening();
    const { connection, report } = fakeClient();
    holder.serve(connection);
    report(trouble('first'));
    const ofAnother = { holder: 'another one', seen: 5 };
    const first = await linked(path, ofAnother);
    report(trouble('second'));
    await first.link.call('listRooms', []);
    expect(first.events).toEqual([trouble('first'), trouble('second')]);
    const newcomer = await linked(path);
    await newcomer.link.call('listRooms', []);
    expect(newcomer.events).toEqual([]);

    const progress = first.link.progress;
    first.link.close();
    report(trouble('third'));
    const again = await linked(path, progress);
    await again.link.call('listRooms', []);
    expect([again.events, again.missed]).toEqual([[trouble('third')], [false]]);

    // So many are not kept.
    for (let more = 0; more < 4096; more++) report(trouble('more'));
    await again.link.call('listRooms', []);
    expect((await linked(path, again.link.progress)).missed).toEqual([false]);
    for (const resumes of [progress, ofAnother]) expect((await linked(path, resumes)).missed).toEqual([true]);
  });

  test('refuses arguments that a method does not have, and methods that there are not', async () => {
    const { path, holder } = await listening();
    holder.serve(fakeClient().connection);
    const { link } = await linked(path);
    await expect(link.call('listRooms', ['lobby'])).rejects.toThrow('no arguments of listRooms');
    await expect(link.call('close', [])).rejects.toThrow('no method close');
  });

  test('says when a message is kept, and lets the client know when the guest has ended', async () => {
    const { path, holder } = await listening();
    const sent: SendOptions[] = [];
    const send = (_room: string, _text: string, options: SendOptions) => {
      sent.push(options);
      return new Promise(() => undefined);
    };
    holder.serve(fakeClient([], { send } as Partial<ChatClient>).connection);
    const { link } = await linked(path);
    const cid = 'ab'.repeat(16);
    await new Promise<void>((kept) => {
      void link.call('send', ['lobby', 'hello', { cid }], kept);
      void link.call('listRooms', []).then(() => sent[0]?.onKept?.());
    });
    expect(sent).toMatchObject([{ cid }]);
    const { signal } = sent[0] ?? {};
    expect(signal?.aborted).toBe(false);
    link.close();
    if (signal !== undefined) await once(signal, 'abort');
  });

  test('carries out nothing and answers nothing once it ends', async () => {
    const { path, holder } = await listening();
    const asked: string[] = [];
    const listRooms = async () => {
      asked.push('listRooms');
      return [];
    };
    holder.serve(fakeClient([], { listRooms } as Partial<ChatClient>).connection);
    const guest = new RawGuest(path);
    await guest.begin();
    holder.stop();
    guest.send({ id: 0, method: 'listRooms', arguments: [] });
    guest.socket.end();
    holder.end();
    await guest.ended();
    expect([asked, guest.got.includes('"result"')]).toEqual([[], false]);
  });

  test('shows every five seconds that it runs', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { path, holder } = await listening();
    const waiting = new RawGuest(path);
    await waiting.prove();
    vi.advanceTimersByTime(5_000);
    await waiting.comes('"beat"');
    const rooms = [roomAt('lobby', 1)];
    holder.serve(fakeClient(rooms).connection);
    const ready = new RawGuest(path);
    await ready.begin();
    vi.advanceTimersByTime(5_000);
    await ready.comes('"beat"');
    // What changes without an event follows within half a minute.
    rooms.push(roomAt('den', 1));
    vi.advanceTimersByTime(20_000);
    await ready.comes('"den"');
  });
});

/** Serves a socket as a test wants. */
async function serving(path: string, connected: (socket: Socket) => void): Promise<void> {
  const server = createServer(connected);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => void server.close());
}

describe('a guest', () => {
  const hello = { v: localVersion, nonce: '22'.repeat(32) };

  test.each([
    ['does not prove the password', hello, { kind: 'proved', proof: '33'.repeat(32) }],
    ['gives the proof of the guest back', hello, null],
    ['has another version', { v: localVersion + 1, nonce: hello.nonce }, { kind: 'proved' }],
    ['says something else', { hello: 'world' }, { kind: 'proved' }],
    ['reports something before its proof', hello, { kind: 'event', event: trouble('false') }],
    ['is ready without a proof', hello, { kind: 'ready', user: 'mallory', changes: { rooms: [], gone: [] } }],
    ['says too much before its proof', hello, { kind: 'proved', proof: 'x'.repeat(5_000) }],
  ])('uses no program at the socket that %s', async (_, first, second) => {
    const path = join(temporaryFolder().path, 'programs.sock');
    await serving(path, (socket) => {
      socket.on('error', () => undefined);
      socket.write(`${JSON.stringify(first)}\n`);
      socket.once('data', (line) => {
        const { proof } = JSON.parse(String(line)) as { proof: string };
        socket.write(`${JSON.stringify(second ?? { kind: 'proved', proof })}\n`);
      });
    });
    const { options, events, missed } = linkOptions(path);
    expect(await rejectedCode(tryLink(options))).toBe('other-version');
    expect([events, missed, options.mirror.rooms()]).toEqual([[], [], []]);
  });

  test.each([
    ['says nothing', null],
    ['proves nothing', hello],
  ])('does not wait for a program that %s', async (_, first) => {
    const path = join(temporaryFolder().path, 'programs.sock');
    await serving(path, (socket) => {
      socket.on('error', () => undefined);
      socket.resume();
      if (first !== null) socket.write(`${JSON.stringify(first)}\n`);
    });
    expect(await tryLink({ ...linkOptions(path).options, patienceMs: 1 })).toBeNull();
  });

  test('waits for the profile to be read as long as the holder shows that it runs', async () => {
    const { path } = await listening();
    expect(await tryLink({ ...linkOptions(path).options, silenceMs: 1 })).toBeNull();
  });

  test('notices that a holder is silent, and that it is not any more', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { path, holder } = await listening();
    holder.serve(fakeClient().connection);
    const { options, silences } = linkOptions(path);
    const link = await tryLink({ ...options, silenceMs: 10_000 });
    vi.advanceTimersByTime(10_000);
    expect(silences).toEqual([]);
    // What the holder writes meanwhile is not read.
    vi.advanceTimersByTime(10_000);
    expect(silences).toEqual([true]);
    await link?.call('listRooms', []);
    expect(silences).toEqual([true, false]);
  });

  test('that is closed does not wait any more', async () => {
    const aborting = new AbortController();
    // The guest has sent its proof, and waits for the answer.
    const { path } = await listening(async () => {
      aborting.abort();
      return key;
    });
    const options = { ...linkOptions(path).options, signal: aborting.signal };
    expect(await tryLink(options)).toBeNull();
    expect(await tryLink(options)).toBeNull();
  });
});
