/** Completion scripts that are made from the table of a program. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { completionOf, type Shell } from '@chat/command-line';
import { optional, outputOf, temporaryFolder } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { tool } from './support/tool.ts';

const commands = ['set', 'load', 'completion'];
const common = ['--home', '--key', '--help', '--version'];

optional('bash', ['bash', '--version'])('in bash', () => {
  /** Returns what bash offers at the end of the words, in a folder with the file `a b.txt` and the folder `sub dir`. */
  async function offered(...words: readonly string[]): Promise<readonly string[]> {
    const { path } = temporaryFolder();
    writeFileSync(join(path, 'a b.txt'), '');
    mkdirSync(join(path, 'sub dir'));
    writeFileSync(join(path, 'completion'), completionOf(tool, 'bash'));
    // As bash does it: the words are in COMP_WORDS, and the function that `complete` names fills COMPREPLY.
    const script = `
      source ./completion
      set -u
      [[ $(complete -p my-tool) == 'complete -F _my_tool my-tool' ]] || exit 9
      COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
      _my_tool
      if [[ \${#COMPREPLY[@]} -gt 0 ]]; then printf '%s\\n' "\${COMPREPLY[@]}"; fi
    `;
    const printed = await outputOf('bash', ['--norc', '-c', script, 'bash', 'my-tool', ...words], { cwd: path });
    return printed.split('\n').filter((line) => line !== '');
  }

  test('offers the commands first, and those that begin with the word', async () => {
    expect(await offered('')).toEqual(commands);
    expect(await offered('lo')).toEqual(['load']);
    expect(await offered('--key', 'x', 'lo')).toEqual(['load']);
    expect(await offered('--home', '=', 'x', 'lo')).toEqual(['load']);
  });

  test('offers the options of the command, and of the program before one', async () => {
    expect(await offered('-')).toEqual(['--wide', ...common]);
    expect(await offered('set', 'lobby', '-')).toEqual(['--level', '--count', '--no-colour-all', ...common]);
    expect(await offered('load', '--l')).toEqual(['--level']);
  });

  test('offers the words of a choice, by the place of an operand and the command of an option', async () => {
    expect(await offered('set', '')).toEqual([]);
    expect(await offered('set', 'lobby', '')).toEqual(['open', 'closed']);
    expect(await offered('set', '--level', 'low', 'lobby', 'open', 'c')).toEqual(['closed']);
    expect(await offered('set', 'lobby', 'open', 'open', '')).toEqual([]);
    expect(await offered('set', '--level', '')).toEqual(['low', 'high']);
    expect(await offered('load', '--level', '')).toEqual(['one', 'two']);
    expect(await offered('set', '--level', '=')).toEqual(['low', 'high']);
    expect(await offered('set', '--level', '=', 'h')).toEqual(['high']);
    expect(await offered('set', '--count', '')).toEqual([]);
    expect(await offered('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  test('offers files and directories where the program takes them', async () => {
    expect(await offered('load', 'a')).toEqual(['a b.txt']);
    expect(await offered('--home', '')).toEqual(['sub dir']);
    expect(await offered('set', '--key', 'a')).toEqual(['a b.txt']);
    expect(await offered('load', 'no-such')).toEqual([]);
  });

  test('takes the name of a command for an operand where no command stands', async () => {
    expect(await offered('set', 'load', '')).toEqual(['open', 'closed']);
    expect(await offered('a-line', 'set', 'x', '')).toEqual([]);
  });
});

/** Each shell reads a script without an error, and so far as it can be asked without a terminal, knows what the table has. */
describe.each<[Shell, (script: string) => readonly string[]]>([
  ['zsh', (path) => ['zsh', '-f', '-c', `autoload -Uz compinit; compinit -D -u; source ${path}; whence -w _my_tool`]],
  [
    'fish',
    (path) => [
      'fish',
      '--no-config',
      '-c',
      `source ${path}; complete -C 'my-tool '; complete -C 'my-tool set --level '`,
    ],
  ],
])('in %s', (shell, command) => {
  test('has each command, option and choice, and each text in quotes', () => {
    const script = completionOf(tool, shell);
    for (const word of [
      ...commands,
      'wide',
      'level',
      'no-colour-all',
      'home',
      'version',
      'low high',
      'one two',
      'open closed',
    ]) {
      expect(script).toContain(word);
    }
    expect(script).toContain(shell === 'zsh' ? "it'\\''s \\[possible\\]" : "it\\'s [possible]");
    expect(script).toContain(shell === 'zsh' ? 'C:\\it' : 'C:\\\\it');
    expect(script).not.toContain('There is more to say');
  });

  optional(shell, [shell, '--version'])('itself', () => {
    test('reads the script', async () => {
      const path = join(temporaryFolder().path, 'completion');
      writeFileSync(path, completionOf(tool, shell));
      const [program = '', ...args] = command(path);
      const printed = await outputOf(program, args);
      if (shell === 'zsh') expect(printed).toBe('_my_tool: function\n');
      else for (const word of [...commands, 'low', 'high']) expect(printed).toMatch(new RegExp(`^${word}\\b`, 'm'));
    });
  });
});
