/**
 * What this folder adds to Stryker: a choice of the changes that belong to one part of a run, and a line for each change that no test
 * notices, as soon as it is known.
 */
import { createHash } from 'node:crypto';
import { relative } from 'node:path';

/** A change of the code, as Stryker describes it. */
interface Mutant {
  readonly id: string;
  readonly fileName: string;
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly status?: string;
  readonly location: { readonly start: { readonly line: number; readonly column: number } };
}

const [part = 0, parts = 1] = (process.env['MUTATION_PART'] ?? '0/1').split('/').map(Number);
const repository = process.env['MUTATION_REPOSITORY'] ?? '';

const placeOf = ({ fileName, location }: Mutant): string =>
  `${relative(repository, fileName)}:${location.start.line}:${location.start.column}`;

/** Returns whether a change is of this part: by a hash of where and what it changes, so that the parts are alike and random. */
function isOfPart(mutant: Mutant): boolean {
  const change = `${placeOf(mutant)} ${mutant.mutatorName} ${mutant.replacement}`;
  return createHash('sha256').update(change).digest().readUInt32BE() % parts === part;
}

class PartChecker {
  async init(): Promise<void> {}

  /** Takes the changes of other parts out of the run. Stryker has no state of its own for them, so they count as not compiling. */
  async check(mutants: readonly Mutant[]): Promise<Record<string, { status: 'passed' } | CompileError>> {
    return Object.fromEntries(
      mutants.map((mutant) => [
        mutant.id,
        isOfPart(mutant) ? { status: 'passed' } : { status: 'compileError', reason: 'It is of another part.' },
      ]),
    );
  }
}

interface CompileError {
  readonly status: 'compileError';
  readonly reason: string;
}

class SurvivorReporter {
  onMutantTested(mutant: Mutant): void {
    if (mutant.status !== 'Survived' && mutant.status !== 'NoCoverage') return;
    console.log(`NOT NOTICED ${placeOf(mutant)} ${mutant.mutatorName}: ${mutant.replacement}`);
  }
}

/** The plug-ins, under the name by which Stryker finds them. */
export const strykerPlugins = [
  { kind: 'Checker', name: 'part', injectableClass: PartChecker },
  { kind: 'Reporter', name: 'survivors', injectableClass: SurvivorReporter },
];
