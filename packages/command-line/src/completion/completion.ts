/** The command that prints a completion script, and the scripts. */
import { z } from 'zod';
import type { Command, Program } from '../definition.ts';
import { bashScript } from './bash.ts';
import { fishScript } from './fish.ts';
import { shapeOf } from './shape.ts';
import { zshScript } from './zsh.ts';

const shell = z.enum(['bash', 'zsh', 'fish']);

/** A shell for which there is a completion script. */
export type Shell = z.infer<typeof shell>;

/** The definition of the command that prints a completion script. */
export const completionCommand = {
  summary: 'Print a script with which a shell completes commands and options.',
  operands: { shell: { value: 'SHELL', takes: 'bash, zsh or fish', schema: shell } },
  options: {},
} as const satisfies Command;

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/** Returns the script with which a shell completes the command lines of a program. */
export function completionOf(program: Program, name: Shell): string {
  return scripts[name](shapeOf(program));
}
