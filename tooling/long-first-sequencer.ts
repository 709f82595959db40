/**
 * Starts the files that last longest first, so that no worker is left with one of them at the end while the others are idle.
 * `CHAT_ORDER=n` starts them in the nth random order instead, which shows whether a file sees what another one left in their worker.
 */
import { hash } from 'node:crypto';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that last long, in the full run or in each, the longest first. Without the times of an earlier run, vitest starts the longest
 * text first, of one project after the other.
 */
const long: readonly string[] = [
  '/test/simulation/simulation-hostile.test.ts',
  '/test/simulation/',
  '/test/models/spin.test.ts',
  '/test/programs/large-profile.test.ts',
  '/mini-ca/test/ledger/crash.test.ts',
  '/test/published/fresh-clone.test.ts',
  '/ecdh-hub/test/group/group-secrecy.test.ts',
  '/ecdh-hub/test/backend/ml-kem.test.ts',
  '/test/theft-windows.test.ts',
  '/mini-ca/test/fuzz.test.ts',
  '/test/programs/',
  '/store-sqlite/test/contract.test.ts',
  '/client/test/node/whole-profile/',
];

/** Returns the files in the order of a number that each has, and otherwise keeps the order. */
function byRank(files: readonly TestSpecification[], rankOf: (file: TestSpecification) => number) {
  return [...files].sort((a, b) => rankOf(a) - rankOf(b));
}

function rankOfLong({ moduleId }: TestSpecification): number {
  const rank = long.findIndex((part) => moduleId.includes(part));
  return rank === -1 ? long.length : rank;
}

export class LongFirstSequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const order = process.env['CHAT_ORDER'];
    if (order === undefined) return byRank(await super.sort(files), rankOfLong);
    const places = new Map(files.map((file) => [file, hash('sha256', `${order} ${file.moduleId}`)]));
    const placeOf = (file: TestSpecification) => places.get(file) ?? '';
    const shuffled = [...files].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
    // Files that share a worker stand together: vitest ends a shared worker when the next file is of another project.
    const projects = [...new Set(files.map(({ project }) => project.name))];
    return byRank(shuffled, ({ project }) => projects.indexOf(project.name));
  }
}
