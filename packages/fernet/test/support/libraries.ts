/** The library twice, once with each backend, so that every test runs on both and can combine them. */
import { vi } from 'vitest';
import { backend as native } from '../../src/backend/native.ts';
import { backend as portable } from '../../src/backend/portable.ts';

export const backends = { native, portable };

type BackendName = keyof typeof backends;

async function load(name: BackendName) {
  vi.resetModules();
  vi.doMock('#backend', () => ({ backend: backends[name] }));
  const library = await import('../../src/index.ts');
  vi.doUnmock('#backend');
  return { name, backend: backends[name], ...library };
}

export type Library = Awaited<ReturnType<typeof load>>;

export const libraries: readonly Library[] = [await load('native'), await load('portable')];

/** Every ordered pair of a writing and a reading library. */
export const crossings = libraries.flatMap((writer) =>
  libraries.map((reader) => ({ way: `${writer.name} to ${reader.name}`, writer, reader })),
);
