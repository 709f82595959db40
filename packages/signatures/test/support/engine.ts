/** The whole library over either backend: two module graphs side by side, so that one can check what the other made. */
import { vi } from 'vitest';
import type { Backend } from '../../src/backend/backend.ts';

export type Engine = Awaited<ReturnType<typeof load>>;

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

/** Every signature that reaches its engine is found valid. */
export const credulous = await load(async () => ({ backend: { ...native.backend, verifier: () => () => true } }));

/** Maker and checker, every way round. */
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
