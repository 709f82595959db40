/** The client without a terminal, as scripts use it, and its error messages. */
import { join } from 'node:path';
import { limits } from '@chat/protocol';
import { type Folder, temporaryFolder } from '@chat/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandsOf, jsonLines } from '../support/chat-command.ts';
import { ServerProcess } from '../support/server-process.ts';

let folder: Folder;
let server: ServerProcess;
const password = 'kept in the environment';
const as = (user: string, secret = password) => commandsOf(join(folder.path, 'home'), user, secret);

beforeAll(async () => {
  folder = temporaryFolder();
  server = await ServerProcess.start(join(folder.path, 'server'));
  for (const user of ['alice', 'bob']) {
    expect(await as(user)(['enrol', server.text, '--user', user])).toMatchObject({ code: 0, out: '', err: '' });
  }
  expect(await as('alice')(['create', 'lobby'])).toMatchObject({ code: 0 });
  expect(await as('alice')(['create', 'quiet'])).toMatchObject({ code: 0 });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

describe('commands', () => {
  test('tail prints each message as one JSON object on a line', async () => {
    const [alice, bob] = [as('alice'), as('bob')];
    // No member is online, so bob makes a new key when he joins, and alice receives it when she connects.
    expect(await bob(['join', 'lobby'])).toMatchObject({ code: 0, err: '' });
    const tail = bob(['tail', 'lobby', '--json']);
    await tail.prints(/"caught-up"/);
    expect(await alice(['send', 'lobby', 'over the wire'])).toMatchObject({ code: 0, out: '', err: '' });
    expect(await alice(['send', 'lobby', '-', '--json'], 'from a pipe\n')).toMatchObject({ code: 0 });
    await tail.prints(/from a pipe/);
    tail.stop();
    const ended = await tail;
    expect(ended.code).toBe(0);
    const events = jsonLines(ended);
    const messages = events.filter(({ kind }) => kind === 'message');
    expect(messages.map(({ user, text, room }) => ({ user, text, room }))).toEqual([
      { user: 'alice', text: 'over the wire', room: 'lobby' },
      { user: 'alice', text: 'from a pipe', room: 'lobby' },
    ]);
    expect(events.filter(({ kind }) => kind === 'violation' || kind === 'trouble')).toEqual([]);
  });

  test('rooms prints JSON', async () => {
    const rooms = jsonLines(await as('alice')(['rooms', '--json']));
    expect(rooms.map(({ name, joined }) => ({ name, joined }))).toEqual([
      { name: 'lobby', joined: true },
      { name: 'quiet', joined: true },
    ]);
  });
});

describe('prints one sentence with the remedy for', () => {
  const sentences: readonly (readonly [string, () => PromiseLike<unknown>, RegExp])[] = [
    ['a wrong password', () => as('alice', 'not it at all')(['rooms']), /password/i],
    [
      'a wrong fingerprint',
      () => as('carol')(['enrol', wrongLine(), '--user', 'carol']),
      /another certificate authority.*ask/s,
    ],
    [
      'a taken user name',
      () => commandsOf(join(folder.path, 'elsewhere'), 'alice', password)(['enrol', server.text]),
      /alice is taken.*another/s,
    ],
    ['a taken room name', () => as('bob')(['create', 'quiet']), /quiet.*(another|other|join)/is],
    ['an unknown room', () => as('bob')(['join', 'nowhere']), /nowhere.*(rooms|create)/is],
    ['a room that was not joined', () => as('bob')(['send', 'quiet', 'x']), /quiet.*join/is],
    [
      'a message that is too long',
      () => as('alice')(['send', 'quiet', '-'], 'x'.repeat(limits.messageTextBytes + 1)),
      /16|long/,
    ],
    ['an unknown command', () => as('alice')(['frobnicate']), /frobnicate.*--help/s],
    ['an unknown option', () => as('alice')(['rooms', '--frob']), /--frob.*--help/s],
  ];

  test.each(sentences)('%s', async (_, run, sentence) => {
    const { code, err, out } = (await run()) as { code: number; err: string; out: string };
    expect(err).toMatch(sentence);
    expect(code).not.toBe(0);
    expect(out).toBe('');
    expect(err).not.toMatch(/\n\s+at |Error:|undefined|\[object/);
  });

  test('what needs a profile for itself while another program uses it', async () => {
    const tail = as('alice')(['tail', 'quiet', '--json']);
    await tail.prints(/"caught-up"/);
    const acts = [['passwd'], ['export', join(folder.path, 'export')], ['renew-key'], ['logout', '--yes']];
    const refused = [];
    for (const act of acts) refused.push(await as('alice')(act));
    tail.stop();
    await tail;
    for (const { code, err } of refused) {
      expect(code).toBe(1);
      expect(err).toMatch(/in use.*quit all windows/i);
    }
  });

  test('a server that is down', async () => {
    const away = await ServerProcess.start(join(folder.path, 'away'));
    const home = join(folder.path, 'away-home');
    const run = commandsOf(home, 'alice', password);
    expect(await run(['enrol', away.text])).toMatchObject({ code: 0 });
    expect(await run(['create', 'lobby'])).toMatchObject({ code: 0 });
    expect(await run(['send', 'lobby', 'stored here'])).toMatchObject({ code: 0 });
    await away[Symbol.asyncDispose]();
    const { code, err } = await run(['send', 'lobby', 'x']);
    expect(code).toBe(1);
    expect(err).toMatch(/Nothing answers at 127\.0\.0\.1:\d+.*check/s);

    // What is stored can be read all the same.
    const stored: readonly (readonly [readonly string[], RegExp])[] = [
      [['rooms'], /^\+ lobby {2}1 member, joined, last by alice at [0-9: -]+$/m],
      [['tail', 'lobby', '--no-follow'], /alice: stored here/],
      [['members', 'lobby'], /^alice /m],
    ];
    for (const [args, shown] of stored) {
      const ended = await run(args);
      expect(ended).toMatchObject({ code: 0, out: expect.stringMatching(shown) });
      expect(ended.err).toMatch(/Nothing answers at .* What follows is what is stored on this machine\./s);
    }
  });
});

function wrongLine(): string {
  return `${server.text.split('#')[0]}#${'ab'.repeat(32)}`;
}
