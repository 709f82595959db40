/** The full screen of the real program in a real terminal, at three sizes, from the first frame to the end. */
import { join } from 'node:path';
import { optional, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { commandsOf } from '../support/chat-command.ts';
import { ServerProcess } from '../support/server-process.ts';
import { Tmux } from '../support/terminal.ts';

const main = join(import.meta.dirname, '../../apps/cli/dist/main.js');
const password = 'kept in the environment';

const cell = (text: string, width: number) => text.padEnd(width);

optional('tmux', ['tmux', '-V'])('in tmux', () => {
  test('shows rooms, messages and members at each size, sends, and gives the terminal back', async () => {
    const folder = temporaryFolder().path;
    await using server = await ServerProcess.start(join(folder, 'server'));
    const home = join(folder, 'home');
    const [alice, bob] = [commandsOf(home, 'alice', password), commandsOf(home, 'bob', password)];
    for (const chat of [alice, bob]) expect(await chat(['enrol', server.text])).toMatchObject({ code: 0 });
    const said = 'wide 世界 and 👍, in a text that is longer than one row of any of the smaller windows here';
    expect(await alice([], '/create plans\n/create dev\n/quit\n')).toMatchObject({ code: 0 });
    expect(await bob([], `/join plans\n${said}\n/quit\n`)).toMatchObject({ code: 0 });

    await using tmux = await Tmux.open();
    const variables = { CHAT_HOME: home, CHAT_USER: 'alice', CHAT_PASSWORD: password, CHAT_FULL: '1' };
    const terminal = await tmux.start('alice', [process.execPath, main], variables);
    /** Returns the rows of the window, with each time as 00:00. */
    const rows = async (): Promise<readonly string[]> => {
      const screen = await tmux.run('capture-pane', '-p', '-t', 'test:alice');
      return screen
        .trimEnd()
        .replaceAll(/\b\d\d:\d\d\b/g, '00:00')
        .split('\n');
    };
    const resized = async (columns: number, height: number, sign: RegExp): Promise<readonly string[]> => {
      await tmux.run('resize-window', '-t', 'test:alice', '-x', `${columns}`, '-y', `${height}`);
      await tmux.until(terminal, (screen) => sign.test(screen) && screen.split('\n').length <= height + 1);
      return rows();
    };

    await terminal.shows(/online \| /);
    await terminal.write('/join plans');
    await terminal.press('Enter');
    await terminal.shows(/\| plans \|.*verified/);
    await terminal.type('hello from the full screen');
    await terminal.shows(/alice: hello from/);
    await terminal.write('a draft');

    const large = await resized(200, 50, /\u2502 {158}\u25022 members/);
    expect(large).toHaveLength(50);
    expect(large[0]).toMatch(/^[> ] (dev|plans) +│ {158}│2 members$/);
    expect(
      large
        .slice(0, 2)
        .map((row) => row.slice(0, 19))
        .sort(),
    ).toEqual([`  ${cell('dev', 16)}│`, `> ${cell('plans', 16)}│`]);
    expect(large.slice(1, 3).map((row) => row.slice(-22).trim())).toEqual([
      expect.stringMatching(/\*. {1,2}alice owner( hub)?$/),
      expect.stringMatching(/│ \? bob/),
    ]);
    expect(large.join('\n')).toMatch(new RegExp(`│#\\d+ 00:00 bob: ${said} +│`));
    expect(large.slice(-2)).toEqual([
      expect.stringMatching(/^ online \| plans \| epoch \d+.* \| 0 of 1 verified$/),
      '> a draft',
    ]);

    const middle = await resized(80, 24, /\u2502 {6}\u2502 \S/);
    expect(middle).toHaveLength(24);
    expect(middle.join('\n')).toMatch(/│#\d+ 00:00 bob: wide 世界 and 👍, in a text that.*\n {18}│ {6}│ /);
    expect(middle.join('\n')).not.toContain('2 members');
    for (const row of middle.slice(0, 22)) expect(row.charAt(18)).toBe('│');

    const small = await resized(40, 15, /^#\d+ [\d:]+ alice: hello from the full screen$/m);
    expect(small).toHaveLength(15);
    expect(small.slice(-4)).toEqual([
      expect.stringMatching(/^#\d+ 00:00 alice: hello from the$/),
      '      │ full screen',
      expect.stringMatching(/^ online \| plans \| epoch/),
      '> a draft',
    ]);

    await terminal.press('C-u');
    await terminal.type('/quit');
    await terminal.shows(/ended with 0/);
    expect(await tmux.run('display-message', '-p', '-t', 'test:alice', '#{alternate_on}')).toBe('0\n');
    expect((await rows()).join('\n')).not.toContain('plans');
  });
});
