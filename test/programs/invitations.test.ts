/** Ways into a room, with the real programs: a direct room with an offline user, a knock, a room whose history is for all. */
import { join } from 'node:path';
import { type Folder, temporaryFolder } from '@chat/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandsOf, jsonLines } from '../support/chat-command.ts';
import { User } from '../support/people.ts';
import { ServerProcess } from '../support/server-process.ts';

let folder: Folder;
let server: ServerProcess;
const as = (user: string) => commandsOf(join(folder.path, 'home'), user, 'kept in the environment');
const enrolled = (user: string) => User.enrol(folder.path, { host: '127.0.0.1', port: server.ports.enrolment }, user);

beforeAll(async () => {
  folder = temporaryFolder();
  server = await ServerProcess.start(join(folder.path, 'server'));
  for (const user of ['alice', 'bob']) {
    expect(await as(user)(['enrol', server.text, '--user', user])).toMatchObject({ code: 0, out: '', err: '' });
  }
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const done = { code: 0, err: '' };

test('an offline user later reads a direct message, although its sender is offline by then', async () => {
  const [alice, bob] = [as('alice'), as('bob')];
  expect(await alice(['msg', 'bob', 'the first word'])).toMatchObject(done);

  expect(jsonLines(await bob(['invitations', '--json']))).toMatchObject([{ by: 'alice', policy: { join: 'direct' } }]);
  expect(await bob(['join', '@alice'])).toMatchObject(done);
  const read = jsonLines(await bob(['tail', '@alice', '--json', '--no-follow']));
  expect(read).toMatchObject([{ user: 'alice', text: 'the first word', room: '@alice' }]);
  expect(await bob(['msg', 'alice', 'an answer'])).toMatchObject(done);
  expect(jsonLines(await alice(['tail', '@bob', '--json', '--no-follow'])).at(-1)).toMatchObject({ text: 'an answer' });
});

test('a user knocks, is invited by a member, and reads the messages since the invitation and none from before', async () => {
  const bob = as('bob');
  await using carol = await enrolled('carol');
  await carol.client.createRoom('attic', { join: 'invite', history: 'since-join' });
  await carol.client.send('attic', 'before the knock');

  const refused = await bob(['join', 'attic']);
  expect(refused).toMatchObject({ code: 1, out: '' });
  expect(refused.err).toMatch(/need an invitation to join attic.*chat knock attic/);
  expect(await bob(['knock', 'attic'])).toMatchObject(done);
  await carol.until(() => carol.events.some(({ kind }) => kind === 'knock'));
  const [knock] = await carol.client.knocks('attic');
  expect(knock?.user).toBe('bob');

  await carol.client.invite('attic', 'bob', knock);
  await carol.client.send('attic', 'after the invitation');
  expect(await bob(['join', 'attic'])).toMatchObject(done);
  const read = jsonLines(await bob(['tail', 'attic', '--json', '--no-follow']));
  expect(read.map(({ text }) => text)).toEqual(['after the invitation']);
  expect(carol.violations).toEqual([]);
});

test('a new member of a room whose history is for all reads the messages from before', async () => {
  const bob = as('bob');
  await using dave = await enrolled('dave');
  await dave.client.createRoom('archive', { join: 'open', history: 'all' });
  await dave.client.send('archive', 'long ago');
  expect(await bob(['join', 'archive'])).toMatchObject(done);
  const tail = bob(['tail', 'archive', '--json']);
  await tail.prints(/long ago/);
  tail.stop();
  expect(jsonLines(await tail).filter(({ kind }) => kind === 'violation' || kind === 'unreadable')).toEqual([]);
});
