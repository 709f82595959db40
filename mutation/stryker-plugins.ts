/**
 * What this folder adds to Stryker: a choice of the changes that belong to one part of a run, and a record of each result as soon as
 * it is known, so that a run that is stopped still says something.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { MutantResult } from './report.ts';

/** A change of the code, as Stryker describes it. */
interface Mutant {
  readonly id: string;
  readonly fileName: string;
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly status?: MutantResult['status'];
  readonly location: { readonly start: { readonly line: number; readonly column: number } };
}

const [part = 0, parts = 1] = (process.env['MUTATION_PART'] ?? '0/1').split('/').map(Number);
const repository = process.env['MUTATION_REPOSITORY'] ?? '';
const results = process.env['MUTATION_RESULTS'] ?? '';

const fileOf = ({ fileName }: Mutant): string => relative(repository, fileName);
const placeOf = (mutant: Mutant): string =>
  `${fileOf(mutant)}:${mutant.location.start.line}:${mutant.location.start.column}`;

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

/** The lines of each source file as they were when the run began. Later the files may change. */
const sources = new Map<string, readonly string[]>();

function lineOf({ fileName, location }: Mutant): string {
  const lines = sources.get(fileName) ?? readFileSync(fileName, 'utf8').split('\n');
  sources.set(fileName, lines);
  return (lines[location.start.line - 1] ?? '').trim();
}

class ResultReporter {
  onMutationTestingPlanReady({ mutantPlans }: { readonly mutantPlans: readonly { readonly mutant: Mutant }[] }): void {
    for (const { mutant } of mutantPlans) lineOf(mutant);
  }

  onMutantTested(mutant: Mutant): void {
    const { mutatorName: mutator, replacement = '', status } = mutant;
    if (status === undefined) return;
    const result: MutantResult = { file: fileOf(mutant), line: lineOf(mutant), mutator, replacement, status };
    appendFileSync(results, `${JSON.stringify(result)}\n`);
    if (status === 'Survived' || status === 'NoCoverage') {
      console.log(`NOT NOTICED ${placeOf(mutant)} ${mutator}: ${replacement}`);
    }
  }
}

/** The plug-ins, under the name by which Stryker finds them. */
export const strykerPlugins = [
  { kind: 'Checker', name: 'part', injectableClass: PartChecker },
  { kind: 'Reporter', name: 'results', injectableClass: ResultReporter },
];
