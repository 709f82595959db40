/** Starts the files that last longest first, so that no worker is left with one of them at the end while the others are idle. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that last long although their text is short. Without the times of an earlier run, vitest starts the longest text first. */
const long = /\/(test\/(simulation|programs)\/|store-sqlite\/test\/contract\.test\.ts$)/;

export class LongFirstSequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => long.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
