/** A data directory and profiles that an earlier version wrote open in this one, and everything in them is still there. */
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@chat/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandsOf } from '../support/chat-command.ts';
import { makePrivate } from '../support/make-private.ts';
import { ServerProcess } from '../support/server-process.ts';

const fixtures = join(import.meta.dirname, '../fixtures/stored-files');
const password = 'correct horse battery';
/** Number of wraps to keys of P-384 in the server's store. */
const storedWraps = 14;

type Command = ReturnType<typeof commandsOf>;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: ServerProcess;
let alice: Command;
let bob: Command;
let carol: Command;
let mallory: Command;

/** The server listens at another port than it did when the profiles were written. */
async function pointToPort(home: string, port: number): Promise<void> {
  for (const name of await readdir(home)) {
    const path = join(home, name, 'profile.json');
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), port }));
  }
}

beforeAll(async () => {
  folder = temporaryFolder();
  const [data, home] = [join(folder.path, 'server'), join(folder.path, 'profiles')];
  await cp(join(fixtures, 'server'), data, { recursive: true });
  await cp(join(fixtures, 'profiles'), home, { recursive: true });
  await makePrivate(data);
  await makePrivate(home);
  server = await ServerProcess.start(data);
  await pointToPort(home, server.ports.enrolment);
  [alice, bob, carol, mallory] = ['alice', 'bob', 'carol', 'mallory'].map((user) =>
    commandsOf(home, user, password),
  ) as [Command, Command, Command, Command];
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

async function textsIn(command: Command, room: string): Promise<string[]> {
  const { code, out, err } = await command(['tail', room, '--no-follow', '--limit', '100', '--json']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const lines = out.trim().split('\n');
  return lines.map((line) => JSON.parse(line)).flatMap((event) => (event.kind === 'message' ? [event.text] : []));
}

const saidInLobby = ['hello bob', 'hello alice', 'buy my coins', 'mallory is gone'];

test('members read what was said before, and write to each other', async () => {
  expect(await textsIn(alice, 'lobby')).toEqual(saidInLobby);
  expect(await textsIn(bob, '@alice')).toEqual(['only for you', 'and for you']);
  expect(await bob(['send', 'lobby', 'still here'])).toMatchObject({ code: 0 });
  expect(await textsIn(alice, 'lobby')).toEqual([...saidInLobby, 'still here']);
});

test('an invited user joins and reads the history as far back as the chain of keys goes', async () => {
  // The keys of that time were handed out in a form that this version does not serve. A member who has them is online, and makes a
  // key that leads to them.
  const tail = alice(['tail', 'team', '--json']);
  await tail.prints(/"caught-up"/);
  expect(await carol(['join', 'team'])).toMatchObject({ code: 0 });
  // Bob was alone online when he joined, so his key does not lead back to the first one (docs/adr/0018-history-for-all.md).
  expect(await textsIn(carol, 'team')).toEqual(['I have read the plan']);
  tail.stop();
  await tail;
  expect(await textsIn(alice, 'team')).toEqual(['the plan', 'I have read the plan']);
});

test('the server says how many keys in the form of that time it has deleted', () => {
  const deleted = server.log.split('\n').filter((line) => line.includes('wraps'));
  expect(deleted.map((line) => JSON.parse(line))).toEqual([expect.objectContaining({ level: 40, wraps: storedWraps })]);
});

test('a revoked user stays out', async () => {
  const { code, err } = await mallory(['send', 'lobby', 'let me in']);
  expect(code).toBe(1);
  expect(err).not.toBe('');
});
