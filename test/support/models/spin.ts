/** Explores a model with spin: translates it to C, compiles that and runs it to its end or to the first fault. */
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { outputOf, runChild, temporaryFolder } from '@chat/testkit';
import { promela, propertyOf } from './cases.ts';

const models = join(import.meta.dirname, '../../../models');

/** The memory of one exploration in megabytes. One that needs more fails. */
const memoryMegabytes = 2_048;
/** The longest path. One that is longer fails. */
const mostSteps = 100_000;

/** What an exploration has found. */
export interface Exploration {
  /** The name of the property that is broken; null if none is. */
  readonly broken: string | null;
  /** True if every reachable state was visited. */
  readonly isComplete: boolean;
  readonly states: number;
  readonly depth: number;
  /** What spin printed. */
  readonly out: string;
}

/** Options of `explore`. */
export interface ExploreOptions {
  /** How far the compiler optimises: to compile takes longer than to explore a small room. Default: not at all. */
  readonly level?: '-O0' | '-O1';
  /** Events that the model is to replay, and nothing else. Default: it is free. */
  readonly trail?: readonly string[];
}

const numberIn = (out: string, pattern: RegExp): number => Number(pattern.exec(out)?.[1] ?? Number.NaN);

/**
 * Explores a model.
 *
 * @param name the file in `models`, without its ending
 * @param defined the bounds and planted faults, as the preprocessor takes them: `PEOPLE=3`, `NO_PAUSE`
 * @throws Error with the output of spin or of the compiler
 */
export async function explore(
  name: string,
  defined: readonly string[],
  { level = '-O0', trail }: ExploreOptions = {},
): Promise<Exploration> {
  const folder = temporaryFolder();
  await cp(join(models, `${name}.pml`), join(folder.path, `${name}.pml`));
  await writeFile(join(folder.path, 'rules.pml'), promela(trail));
  const here = { cwd: folder.path };
  const switched = trail === undefined ? defined : [...defined, 'REPLAY'];
  await outputOf('spin', [...switched.map((each) => `-D${each}`), '-a', `${name}.pml`], here);
  // All data is global, so that reordering saves nothing. COLLAPSE stores the parts of a state once.
  const switches = ['SAFETY', 'NOREDUCE', 'COLLAPSE', 'NOFAIR', `MEMLIM=${memoryMegabytes}`];
  await outputOf('cc', [level, '-w', ...switches.map((each) => `-D${each}`), '-o', 'pan', 'pan.c'], here);
  const { out, err } = await runChild(join(folder.path, 'pan'), [`-m${mostSteps}`, '-w22'], here);
  const number = /assertion violated \(broken!=(\d+)\)/.exec(out)?.[1];
  const isComplete = /errors: 0\b/.test(out) && !/max search depth too small|Search not completed/.test(out);
  if (number === undefined && !isComplete) throw new Error(`${name} was not explored to its end:\n${out}${err}`);
  return {
    broken: number === undefined ? null : (propertyOf(Number(number)) ?? number),
    isComplete,
    states: numberIn(out, /^\s*([\d.e+]+) states, stored/m),
    depth: numberIn(out, /depth reached (\d+)/),
    out,
  };
}
