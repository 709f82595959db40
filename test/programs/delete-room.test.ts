/** The operator deletes a room while the server runs, with the real programs in processes of their own. */
import { join } from 'node:path';
import { longTest, temporaryFolder } from '@chat/testkit';
import { expect } from 'vitest';
import { commandsOf, jsonLines } from '../support/chat-command.ts';
import { User } from '../support/people.ts';
import { ServerProcess, serverCommand } from '../support/server-process.ts';

longTest('members learn of it at once, the others when they connect, and the room does not come back', async () => {
  const folder = temporaryFolder();
  const data = join(folder.path, 'server');
  await using server = await ServerProcess.start(data);
  const bob = commandsOf(join(folder.path, 'home'), 'bob', 'kept in the environment');
  expect(await bob(['enrol', server.text, '--user', 'bob'])).toMatchObject({ code: 0 });
  await using alice = await User.enrol(folder.path, { host: '127.0.0.1', port: server.ports.enrolment }, 'alice');
  await alice.client.createRoom('lobby');
  expect(await bob(['join', 'lobby'])).toMatchObject({ code: 0 });
  await alice.client.send('lobby', 'before');

  const asked = await serverCommand(['delete-room', 'lobby', '--data', data]);
  expect(asked).toMatchObject({ code: 2, err: expect.stringContaining('Add --yes') });
  const tail = bob(['tail', 'lobby', '--json']);
  await tail.prints(/"caught-up"/);
  const deleted = await serverCommand(['delete-room', 'lobby', '--yes', '--data', data]);
  expect(deleted).toMatchObject({ code: 0, out: expect.stringContaining('Deleted lobby') });
  const ended = await tail;
  expect(ended).toMatchObject({ code: 1, out: expect.stringContaining('"kind":"room-deleted"') });
  expect(jsonLines(ended).filter(({ kind }) => kind === 'trouble')).toEqual([]);
  await alice.until(() => alice.events.some(({ kind }) => kind === 'room-deleted'));

  const sent = await bob(['send', 'lobby', 'after']);
  expect(sent).toMatchObject({ code: 1, err: expect.stringContaining('operator has deleted lobby') });
  expect((await serverCommand(['delete-room', 'lobby', '--yes', '--data', data])).err).toContain('no room lobby');
  expect(await bob(['leave', 'lobby'])).toMatchObject({ code: 0 });
  await alice.client.leaveRoom('lobby');
  await alice.client.createRoom('lobby');
  expect(await bob(['join', 'lobby'])).toMatchObject({ code: 0, err: '' });
});
