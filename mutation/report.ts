/** Reads the report of a mutation run (schema of stryker-mutator/mutation-testing-elements), and the list of argued survivors. */
import { readFileSync } from 'node:fs';

interface Position {
  readonly line: number;
}

interface Mutant {
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly status: 'Killed' | 'Timeout' | 'Survived' | 'NoCoverage' | 'Ignored' | 'CompileError' | 'RuntimeError';
  readonly location: { readonly start: Position };
}

interface Report {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>;
}

/** A change that no test notices. It is identified by what it changes, not by the number of its line. */
export interface Survivor {
  readonly file: string;
  /** The line that is changed, without its indentation. */
  readonly line: string;
  readonly mutator: string;
  readonly replacement: string;
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

/** Reads the outcome of a run from its report. */
export function readOutcome(path: string): Outcome {
  const { files } = JSON.parse(readFileSync(path, 'utf8')) as Report;
  const counted = Object.entries(files).flatMap(([file, { source, mutants }]) => {
    const lines = source.split('\n');
    return mutants
      .filter(({ status }) => status !== 'Ignored' && status !== 'CompileError' && status !== 'RuntimeError')
      .map((mutant) => ({ file, mutant, line: (lines[mutant.location.start.line - 1] ?? '').trim() }));
  });
  const survived = counted.filter(({ mutant }) => mutant.status === 'Survived' || mutant.status === 'NoCoverage');
  const survivors = survived.map(({ file, line, mutant }) => ({
    file,
    line,
    mutator: mutant.mutatorName,
    replacement: mutant.replacement ?? '',
  }));
  return { mutants: counted.length, noticed: counted.length - survivors.length, survivors };
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
