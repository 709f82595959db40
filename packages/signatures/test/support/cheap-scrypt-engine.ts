/**
 * Both engines with the least cost of scrypt in place of the one that a file names, for tests that make many new key files.
 * They open each other's files, and no other engine's.
 */
import { type Engine, load, native, portable } from './engine.ts';

const minCost = { N: 2, r: 1, p: 1 };

function withCheapScrypt({ backend }: Engine): Promise<Engine> {
  const { scrypt, scryptAsync } = backend;
  return load(async () => ({
    backend: {
      ...backend,
      scrypt: (password, { salt, length }) => scrypt(password, { ...minCost, salt, length }),
      scryptAsync: (password, { salt, length }) => scryptAsync(password, { ...minCost, salt, length }),
    },
  }));
}

export const cheapScrypt = await withCheapScrypt(native);

export const cheapScryptEngines: readonly [string, Engine][] = [
  ['native', cheapScrypt],
  ['portable', await withCheapScrypt(portable)],
];
