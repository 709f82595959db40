/** The library with each backend: two module graphs side by side, so that one can check the results of the other. */
import { vi } from 'vitest';
import type { Backend } from '../../src/backend/backend.ts';

/** The library's exports and internal functions with one backend. */
export type Engine = Awaited<ReturnType<typeof load>>;

/** Loads the library with a backend. */
export async function load(engine: () => Promise<{ backend: Backend }>) {
  vi.resetModules();
  vi.doMock('#backend', engine);
  const [api, keys, { backend }] = await Promise.all([
    import('../../src/index.ts'),
    import('../../src/keys/encrypted-key.ts'),
    import('#backend'),
  ]);
  return { ...api, ...keys, backend };
}

export const native = await load(() => import('../../src/backend/native.ts'));
export const portable = await load(() => import('../../src/backend/portable.ts'));

/** An engine whose backend accepts every signature. */
export const credulous = await load(async () => ({
  backend: { ...native.backend, verifier: () => ({ verify: () => true, verifyAsync: async () => true }) },
}));

/** Each pair of an engine that makes and an engine that checks. */
export const pairings: readonly [string, Engine, Engine][] = [
  ['native', native, native],
  ['portable', portable, portable],
  ['native to portable', native, portable],
  ['portable to native', portable, native],
];

export const engines: readonly [string, Engine][] = [
  ['native', native],
  ['portable', portable],
];
