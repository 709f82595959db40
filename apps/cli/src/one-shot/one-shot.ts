/** What a command without a screen is: its words, its options, and what it does. */
import type { ParseArgsOptionsConfig } from 'node:util';
import type { z } from 'zod';
import { Failure } from '../command-error.ts';
import type { Surroundings } from '../run-context.ts';

interface Definition<R> {
  /** The words after the command, `?` after the name of one that may be missing. */
  readonly words: readonly string[];
  readonly options: ParseArgsOptionsConfig;
  readonly usage: string;
  readonly summary: string;
  /** Checks the words and options by name. */
  readonly request: z.ZodType<R>;
  run(request: R, surroundings: Surroundings): Promise<void>;
}

export interface OneShot extends Pick<Definition<unknown>, 'options' | 'usage' | 'summary'> {
  /** Checks a command line; fails with `usage`. What it returns does the work. */
  prepare(
    words: readonly string[],
    options: Readonly<Record<string, unknown>>,
  ): (around: Surroundings) => Promise<void>;
}

export function oneShot<R>({ words: names, options, usage, summary, request, run }: Definition<R>): OneShot {
  return {
    options,
    usage,
    summary,
    prepare(words, given) {
      const missing = names.filter((name) => !name.endsWith('?'))[words.length];
      if (missing !== undefined) throw new Failure('usage', `A ${missing} is missing: chat ${usage}.`);
      if (words.length > names.length) {
        throw new Failure(
          'usage',
          `"${words[names.length]}" is one word too many (quote a text with spaces): chat ${usage}.`,
        );
      }
      const named = Object.fromEntries(words.map((word, at) => [names[at]?.replace('?', ''), word]));
      const parsed = request.safeParse({ ...given, ...named });
      if (parsed.success) return (around) => run(parsed.data, around);
      const [issue] = parsed.error.issues;
      throw new Failure('usage', `The ${issue?.path.join('.') ?? 'command'} will not do: ${issue?.message ?? usage}.`);
    },
  };
}
