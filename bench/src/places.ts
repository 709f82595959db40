/** The folders of the benchmarks. */
import { join } from 'node:path';

const bench = join(import.meta.dirname, '..');

/** The folders of the pages that the benchmarks write, of the peers in other languages, and of the installed packages. */
export const places = {
  results: join(bench, 'results'),
  peers: join(bench, 'peers'),
  packages: join(bench, 'node_modules'),
} as const;
