/** Reads the results of a mutation run, and the list of argued survivors. */
import { readFileSync } from 'node:fs';

/** A change of the code. It is identified by what it changes, not by the number of its line. */
export interface Survivor {
  readonly file: string;
  /** The line that is changed, without its indentation. */
  readonly line: string;
  readonly mutator: string;
  readonly replacement: string;
}

/** The result of one change. */
export interface MutantResult extends Survivor {
  readonly status: 'Killed' | 'Timeout' | 'Survived' | 'NoCoverage' | 'Ignored' | 'CompileError' | 'RuntimeError';
}

/** A survivor that stays, because the change makes no difference that a test could see. */
export interface ArguedSurvivor extends Survivor {
  readonly reason: string;
}

/** The outcome of a run. */
export interface Outcome {
  readonly mutants: number;
  readonly noticed: number;
  readonly survivors: readonly Survivor[];
}

/** Reads the outcome of a run: one result on each line. */
export function readOutcome(path: string): Outcome {
  const results = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as MutantResult);
  const survivors = results.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
  const noticed = results.filter(({ status }) => status === 'Killed' || status === 'Timeout').length;
  return { mutants: survivors.length + noticed, noticed, survivors };
}

/** Reads the argued survivors of a group; none if there is no list. */
export function readArgued(url: URL): readonly ArguedSurvivor[] {
  try {
    return JSON.parse(readFileSync(url, 'utf8')) as readonly ArguedSurvivor[];
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** Returns whether two survivors are the same change. */
export const isSame = (a: Survivor, b: Survivor): boolean =>
  a.file === b.file && a.line === b.line && a.mutator === b.mutator && a.replacement === b.replacement;
