/** The tests of one group. `run.ts` names them in MUTATION_TESTS. */
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import base from '../vitest.config.ts';

const include = JSON.parse(process.env['MUTATION_TESTS'] ?? '[]');

/** Runs first what is likely to notice the change soon: files that noticed the change before, then short ones. */
class SoonestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const resultOf = (file: TestSpecification) => this.ctx.cache.getTestSpecificationResult(file);
    const costOf = (file: TestSpecification) => resultOf(file)?.duration ?? 0;
    const failed = files.filter((file) => resultOf(file)?.failed);
    const others = files.filter((file) => !resultOf(file)?.failed);
    const soonest = (a: TestSpecification, b: TestSpecification) => costOf(a) - costOf(b);
    return [...failed.sort(soonest), ...others.sort(soonest)];
  }
}

// Stryker has workers of its own, and each of them runs all these files.
const { projects: _, ...test } = base.test ?? {};

export default defineConfig({
  ...base,
  test: { ...test, include, reporters: ['default'], sequence: { sequencer: SoonestFirst } },
});
