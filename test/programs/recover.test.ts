/** A lost machine with the real programs: two users, three rooms, an empty home, and the profile of before, which has no access any more. */
import { cp, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { onlyInFullRun, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { type Commands, commandsOf } from '../support/chat-command.ts';
import { ServerProcess } from '../support/server-process.ts';

const [password, newPassword] = ['forgotten by now', 'chosen for the new machine'];
const rooms = ['red', 'green', 'blue'];

onlyInFullRun('the recovery of a lost machine')('recovery', () => {
  test('brings back all rooms and messages on an empty machine, and shuts out the profile of before', async () => {
    const folder = temporaryFolder().path;
    await using server = await ServerProcess.start(join(folder, 'server'));
    const home = (user: string) => join(folder, user);
    const [alice, bob] = ['alice', 'bob'].map((user) => commandsOf(home(user), user, password)) as [Commands, Commands];
    const done = async (commands: Commands, ...words: string[]) => {
      const ended = await commands(words);
      expect(ended, words.join(' ')).toMatchObject({ code: 0 });
      return ended.out;
    };
    for (const commands of [alice, bob]) await done(commands, 'enrol', server.text);
    for (const room of rooms) {
      await done(alice, 'create', room);
      await done(bob, 'join', room);
      await done(alice, 'send', room, `alice was in ${room}`);
      await done(bob, 'send', room, `bob was in ${room}`);
      await done(alice, 'tail', room, '--no-follow');
    }
    const phrase = join(folder, 'phrase');
    await done(alice, 'recovery', 'new', '--phrase-file', phrase);
    expect((await stat(phrase)).mode & 0o777).toBe(0o600);
    await done(bob, 'send', 'red', 'said after the backup');
    await cp(home('alice'), home('copy'), { recursive: true });
    await rm(home('alice'), { recursive: true });

    const recovered = commandsOf(home('alice'), 'alice', newPassword);
    expect(await done(recovered, 'recover', server.text, '--phrase-file', phrase)).toMatch(
      /is restored from backup 1.*Your identity key is renewed, at the server and in all of your rooms/s,
    );
    for (const room of rooms) {
      for (const user of ['alice', 'bob']) {
        expect(await done(recovered, 'search', `"${user} was in ${room}"`)).toContain(`${user} was in ${room}`);
      }
    }
    expect(await done(recovered, 'tail', 'red', '--no-follow')).toContain('said after the backup');

    await done(bob, 'send', 'red', 'not for the lost machine');
    await done(recovered, 'send', 'red', 'back again');
    expect(await done(bob, 'tail', 'red', '--no-follow')).toMatch(/not for the lost machine.*alice: back again/s);
    const old = commandsOf(home('copy'), 'alice', password);
    expect(await old(['send', 'red', 'let me in'])).toMatchObject({ code: 1 });
    expect((await old(['tail', 'red', '--no-follow'])).out).not.toContain('not for the lost machine');
    expect(await readFile(phrase, 'utf8')).not.toContain(newPassword);
  }, 120_000);
});
