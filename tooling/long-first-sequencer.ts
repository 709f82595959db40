/**
 * Starts the files that last longest first, so that no worker is left with one of them at the end while the others are idle.
 * `CHAT_ORDER=n` starts them in the nth random order instead, which shows whether a file sees what another one left in their worker.
 */
import { hash } from 'node:crypto';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that last long although their text is short. Without the times of an earlier run, vitest starts the longest text first. */
const long = /\/(test\/(simulation|programs)\/|store-sqlite\/test\/contract\.test\.ts$)/;

/** Returns the files that match first, and otherwise keeps the order. */
function first(files: readonly TestSpecification[], matches: (file: TestSpecification) => boolean) {
  return [...files.filter(matches), ...files.filter((file) => !matches(file))];
}

export class LongFirstSequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const order = process.env['CHAT_ORDER'];
    if (order === undefined) return first(await super.sort(files), ({ moduleId }) => long.test(moduleId));
    const places = new Map(files.map((file) => [file, hash('sha256', `${order} ${file.moduleId}`)]));
    const placeOf = (file: TestSpecification) => places.get(file) ?? '';
    const shuffled = [...files].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
    // Files that share a worker stand together: vitest ends a shared worker when the next file needs one of its own.
    return first(shuffled, ({ project }) => project.config.isolate);
  }
}
