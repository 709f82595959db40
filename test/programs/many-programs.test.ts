/** One profile in many programs at once, as a user has them: real processes, of which some are killed or stopped. */
import { join } from 'node:path';
import { type Child, onlyInFullRun, startChild, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { commandsOf, jsonLines } from '../support/chat-command.ts';
import { withoutSettings } from '../support/environment.ts';
import { ServerProcess } from '../support/server-process.ts';

const main = join(import.meta.dirname, '../../apps/cli/dist/main.js');
const password = 'kept in the environment';

const textsIn = (out: string): unknown[] =>
  jsonLines({ out })
    .filter(({ kind }) => kind === 'message')
    .map(({ text }) => text);

/** Enrols alice, who creates a room. Returns her commands, and a way to start programs that stay. */
async function withRoom(server: ServerProcess, home: string) {
  const alice = commandsOf(home, 'alice', password);
  expect(await alice(['enrol', server.text])).toMatchObject({ code: 0, err: '' });
  expect(await alice(['create', 'lobby'])).toMatchObject({ code: 0, err: '' });
  const env = { ...withoutSettings(), CHAT_HOME: home, CHAT_USER: 'alice', CHAT_PASSWORD: password };
  const program = (...args: string[]): Child => startChild(process.execPath, [main, ...args], { env, input: 'open' });
  return { alice, program };
}

test('a second window, scripts and tails use one profile at once, and go on when the first program is killed', async () => {
  const folder = temporaryFolder();
  await using server = await ServerProcess.start(join(folder.path, 'server'));
  const { alice, program } = await withRoom(server, join(folder.path, 'home'));
  // The conversation of a user, in which lines are typed.
  const window = program();
  await window.prints(/lobby/);
  const other = program();
  await other.prints(/lobby/);
  const first = program('tail', 'lobby', '--json');
  const second = program('tail', 'lobby', '--json');
  // A program that comes later prints what it would print if it were the first.
  await Promise.all([first.prints(/"caught-up"/), second.prints(/"caught-up"/)]);

  window.stdin.write('typed in the window\n');
  await first.prints(/typed in the window/);
  const scripts = ['one', 'two', 'three'].map((text) => alice(['send', 'lobby', text, '--json']));
  const sent = await Promise.all(scripts);
  expect(sent.map(({ code, err }) => ({ code, err }))).toEqual(sent.map(() => ({ code: 0, err: '' })));
  await Promise.all([first.prints(/three/), second.prints(/three/), window.prints(/three/)]);

  // Neither of these has the messages itself, and what one of them sets the other one shows.
  const found = await alice(['search', 'three', '--json']);
  expect([found.code, found.err, jsonLines(found).map(({ text }) => text)]).toEqual([0, '', ['three']]);
  other.stdin.write('/search three\n');
  await other.prints(/1\) \[lobby\].*three/);
  other.stdin.write('/around 1 1\n');
  await other.prints(/end of the messages around the hit/);
  const kept = await alice(['keep', '1000 messages', '--room', 'lobby']);
  expect(kept).toMatchObject({ code: 0, err: '', out: 'the latest 1000 messages\n' });
  other.stdin.write('/keep in lobby\n');
  await other.prints(/this machine keeps the latest 1000 messages/);

  // The window has the profile, because it was the first. It ends without a word, while a script and the other window send.
  const during = alice(['send', 'lobby', 'sent meanwhile']);
  const lines = Array.from({ length: 40 }, (_, index) => `line ${index};`);
  other.stdin.write(lines.map((line) => `${line}\n`).join(''));
  await second.prints(/line 3;/);
  await window.kill('SIGKILL');
  expect(await during).toMatchObject({ code: 0, err: '' });
  await second.prints(/line 39;/);
  expect(await alice(['send', 'lobby', 'sent afterwards'])).toMatchObject({ code: 0, err: '' });
  await Promise.all([first.prints(/sent afterwards/), second.prints(/sent afterwards/)]);

  other.stdin.write('/quit\n');
  expect(await other.ended).toMatchObject({ code: 0, err: '' });
  expect(await alice(['send', 'lobby', 'sent at last'])).toMatchObject({ code: 0, err: '' });
  await Promise.all([first.prints(/sent at last/), second.prints(/sent at last/)]);

  const scripted = ['one', 'two', 'three', 'sent meanwhile', 'sent afterwards', 'sent at last'];
  const expected = ['typed in the window', ...lines, ...scripted];
  for (const tail of [first, second]) {
    const texts = textsIn(tail.out);
    expect([...texts].sort()).toEqual([...expected].sort());
    expect([texts[0], texts.at(-1)]).toEqual(['typed in the window', 'sent at last']);
    expect(texts.filter((text) => lines.includes(String(text)))).toEqual(lines);
    expect(jsonLines({ out: tail.out }).filter(({ kind }) => kind === 'violation')).toEqual([]);
  }
  for (const child of [first, second]) await child.kill('SIGTERM');
});

onlyInFullRun('a program that is stopped while it has the profile, which others notice after 20 seconds')(
  'a program that is stopped while it has the profile',
  () => {
    test('is reported by the others, which go on with it, or without it when it is killed', async () => {
      const folder = temporaryFolder();
      await using server = await ServerProcess.start(join(folder.path, 'server'));
      const { alice, program } = await withRoom(server, join(folder.path, 'home'));
      const stopped = program('tail', 'lobby', '--json');
      await stopped.prints(/"caught-up"/);
      const window = program();
      await window.prints(/You are in lobby/);

      process.kill(stopped.pid, 'SIGSTOP');
      const late = alice(['send', 'lobby', 'into the void']);
      window.stdin.write('typed meanwhile\n');
      await window.prints(/does not answer/);
      expect(await late).toMatchObject({ code: 1, err: expect.stringMatching(/in use.*also stopped ones/) });
      process.kill(stopped.pid, 'SIGCONT');
      await window.prints(/sends and receives again/);
      await stopped.prints(/typed meanwhile/);

      process.kill(stopped.pid, 'SIGSTOP');
      window.stdin.write('typed before the end\n');
      await stopped.kill('SIGKILL');
      const tail = program('tail', 'lobby', '--json');
      await tail.prints(/typed before the end/);
      expect(textsIn(tail.out)).toEqual(['typed meanwhile', 'typed before the end']);
      for (const child of [window, tail]) await child.kill('SIGTERM');
    });
  },
);
