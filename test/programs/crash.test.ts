/** A server that is killed several times during a conversation. */
import { join } from 'node:path';
import { temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { User } from '../support/people.ts';
import { ServerProcess } from '../support/server-process.ts';

test('after kill -9 both clients reconnect, and each acknowledged message is on the log exactly once', async () => {
  const folder = temporaryFolder();
  const data = join(folder.path, 'server');
  let server = await ServerProcess.start(data);
  const { ports } = server;
  await using alice = await User.enrol(folder.path, server.line, 'alice');
  await using bob = await User.enrol(folder.path, server.line, 'bob');
  await alice.client.createRoom('lobby');
  await bob.join('lobby');

  const sent: string[] = [];
  const acknowledged: Promise<unknown>[] = [];
  const say = (user: User, count: number) => {
    for (let index = 0; index < count; index++) {
      const text = `${user.name} ${sent.length}`;
      sent.push(text);
      acknowledged.push(user.client.send('lobby', text));
    }
  };

  for (let round = 1; round <= 3; round++) {
    say(alice, 20);
    say(bob, 20);
    // By then some of this round's messages are acknowledged, others are in flight or have not been sent.
    const reached = sent.length - 40 + 10 * round;
    await alice.until(() => alice.texts('lobby').length >= reached);
    await server.kill('SIGKILL');
    await alice.until(() => !alice.client.online);
    say(alice, 2);
    server = await ServerProcess.start(data, ports);
  }

  await Promise.all(acknowledged);
  await Promise.all([alice, bob].map((user) => user.until(() => user.texts('lobby').length >= sent.length)));
  expect([...alice.texts('lobby')].sort()).toEqual([...sent].sort());
  expect(bob.texts('lobby')).toEqual(alice.texts('lobby'));
  for (const { name } of [alice, bob]) {
    const own = (texts: string[]) => texts.filter((text) => text.startsWith(`${name} `));
    expect(own(bob.texts('lobby'))).toEqual(own(sent));
  }
  expect([...alice.violations, ...bob.violations]).toEqual([]);
  await server[Symbol.asyncDispose]();
});
