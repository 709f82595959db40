/** The tests of one group. `run.ts` names them in MUTATION_TESTS. */
import { defineConfig } from 'vitest/config';
import base from '../vitest.config.ts';

const include = JSON.parse(process.env['MUTATION_TESTS'] ?? '[]');

export default defineConfig({ ...base, test: { ...base.test, include, reporters: ['default'] } });
