/** A member is removed from a room, with the real programs in processes of their own. */
import { join } from 'node:path';
import { longTest, temporaryFolder } from '@chat/testkit';
import { expect } from 'vitest';
import { commandsOf, jsonLines } from '../support/chat-command.ts';
import { User } from '../support/people.ts';
import { ServerProcess } from '../support/server-process.ts';

longTest(
  'a removed member learns of it, reads nothing more, and stays out after a crash until a role readmits the user',
  async () => {
    const folder = temporaryFolder();
    const data = join(folder.path, 'server');
    let server = await ServerProcess.start(data);
    const bob = commandsOf(join(folder.path, 'home'), 'bob', 'kept in the environment');
    const address = () => ({ host: '127.0.0.1', port: server.ports.enrolment });
    try {
      expect(await bob(['enrol', server.text, '--user', 'bob'])).toMatchObject({ code: 0 });
      await using alice = await User.enrol(folder.path, address(), 'alice');
      await using carol = await User.enrol(folder.path, address(), 'carol');
      await alice.client.createRoom('lobby');
      await carol.join('lobby');
      expect(await bob(['join', 'lobby'])).toMatchObject({ code: 0 });

      const tail = bob(['tail', 'lobby', '--json']);
      await tail.prints(/"caught-up"/);
      await tail.prints(/"ready"|"epoch"/);
      await alice.client.send('lobby', 'with bob');
      await tail.prints(/with bob/);
      await alice.client.giveRole('lobby', 'carol', 'moderator');
      await carol.until(() => carol.client.room('lobby')?.members.some(({ role }) => role === 'moderator') === true);
      await carol.client.removeMember('lobby', 'bob');
      await tail.prints(/"kind":"removed"/);
      await alice.client.send('lobby', 'without bob');
      await carol.until(() => carol.texts('lobby').includes('without bob'));
      tail.stop();
      const events = jsonLines(await tail);
      expect(events.filter(({ kind }) => kind === 'removed')).toMatchObject([
        { by: 'carol', user: 'bob', room: 'lobby' },
      ]);
      expect(events.filter(({ kind }) => kind === 'message').map(({ text }) => text)).toEqual(['with bob']);

      const ports = server.ports;
      await server.kill('SIGKILL');
      server = await ServerProcess.start(data, ports);
      const refused = await bob(['join', 'lobby']);
      expect(refused.code).toBe(1);
      expect(refused.err).toMatch(/removed from lobby.*owner or a moderator/);
      expect(await bob(['send', 'lobby', 'let me'])).toMatchObject({ code: 1 });

      await carol.until(() => carol.client.online);
      await carol.client.giveRole('lobby', 'bob', 'member');
      expect(await bob(['join', 'lobby'])).toMatchObject({ code: 0, err: '' });
      expect(await bob(['send', 'lobby', 'thank you'])).toMatchObject({ code: 0 });
      await alice.until(() => alice.texts('lobby').includes('thank you'));
      expect([...alice.violations, ...carol.violations]).toEqual([]);
    } finally {
      await server[Symbol.asyncDispose]();
    }
  },
);
