/** Completion of the command lines of the two programs: the real shells in a real terminal, with the Tab key. */
import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { isFullRun, optional, temporaryFolder } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { Tmux } from '../support/terminal.ts';

const apps = join(import.meta.dirname, '../../apps');

/** How to start each shell without the user's settings, and what a user types once to have completion. */
const shells = {
  bash: { start: ['bash', '--norc', '-i'], setUp: (name: string) => `source <(${name} completion bash)` },
  zsh: {
    start: ['zsh', '-f', '-i'],
    setUp: (name: string) => `autoload -Uz compinit; compinit -D -u; source <(${name} completion zsh)`,
  },
  fish: { start: ['fish', '--no-config', '-i'], setUp: (name: string) => `${name} completion fish | source` },
} as const;

/** Returns a folder with `chat` and `chat-server`. */
function programs(): string {
  const { path } = temporaryFolder();
  for (const [name, app] of [['chat', 'cli'] as const, ['chat-server', 'server'] as const]) {
    writeFileSync(join(path, name), `#!/bin/sh\nexec '${process.execPath}' '${apps}/${app}/dist/main.js' "$@"\n`);
    chmodSync(join(path, name), 0o755);
  }
  return path;
}

const names: readonly (keyof typeof shells)[] = isFullRun ? ['bash', 'zsh', 'fish'] : ['bash'];

describe.each(names)('%s', (name) => {
  optional(`tmux and ${name}`, ['sh', '-c', `tmux -V && ${name} --version`])('in tmux', () => {
    test('completes commands, options and the words of a choice', async () => {
      await using tmux = await Tmux.open();
      const { start, setUp } = shells[name];
      const PATH = `${programs()}${delimiter}${process.env['PATH'] ?? ''}`;
      const terminal = await tmux.start('user', start, { PATH, PS1: '> ', HOME: temporaryFolder().path });
      for (const program of ['chat', 'chat-server']) {
        await terminal.type(`${setUp(program)}; echo ${program} is set up`);
        await terminal.shows(new RegExp(`^${program} is set up$`, 'm'));
      }
      for (const [typed, completed] of [
        ['chat verify-', 'chat verify-log'],
        ['chat tail lobby --js', 'chat tail lobby --json'],
        ['chat role lobby bob mod', 'chat role lobby bob moderator'],
        ['chat-server ret', 'chat-server retention'],
        ['chat-server start --policy cl', 'chat-server start --policy closed'],
        ['chat-server revoke bob --reason keyC', 'chat-server revoke bob --reason keyCompromise'],
      ]) {
        await terminal.write(typed ?? '');
        await terminal.press('Tab');
        // What stands after the cursor is not completed, but only suggested.
        await terminal.write('.');
        expect(await terminal.shows(new RegExp(`${completed} ?\\.`))).toBeTruthy();
        // Read in its turn. Ctrl-C would be a signal, which may overtake what was typed before or come after what is typed next.
        await terminal.press('C-u');
      }
    });
  });
});
