/** A server whose disk others have filled to the last byte: every command says so, and nothing is lost. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { longTest, optional, runChild, temporaryFolder } from '@chat/testkit';
import { expect } from 'vitest';
import { withoutSettings } from '../support/environment.ts';
import { failingDisk } from '../support/failing-disk.ts';
import { User } from '../support/people.ts';
import { ServerProcess, serverMain } from '../support/server-process.ts';

optional('a C compiler', ['cc', '--version'])('on a full disk', () => {
  longTest(
    'each command of the server says that there is no space, and a start after that finds all data',
    async () => {
      const folder = temporaryFolder().path;
      const data = join(folder, 'server');
      const { full, environment } = await failingDisk(folder);

      let server = await ServerProcess.start(data, undefined, environment);
      const { ports, line } = server;
      await using alice = await User.enrol(join(folder, 'alice'), line, 'alice');
      await alice.client.createRoom('lobby');
      await server.kill('SIGTERM');

      await writeFile(full, '');
      const run = (...args: string[]) =>
        runChild(process.execPath, [serverMain, ...args, '--data', data], {
          env: { ...withoutSettings(), ...environment },
        });
      for (const command of [
        ['start', '--chat-port', '0', '--enrol-port', '0'],
        ['users'],
        ['rooms'],
        ['check'],
        ['backup', join(folder, 'backup')],
        ['invitations'],
        ['revoke', 'alice', '--yes'],
      ]) {
        const { code, err } = await run(...command);
        expect(err, command[0]).toMatch(/free some space|its disk has free space/u);
        expect(err, command[0]).not.toContain('ERR_SQLITE_ERROR');
        expect(code, command[0]).toBe(1);
      }

      await rm(full);
      server = await ServerProcess.start(data, ports, environment);
      await using _running = server;
      expect((await run('users')).out).toContain('alice');
      expect((await run('rooms')).out).toContain('lobby');
    },
  );
});
