/**
 * Both engines with scrypt at next to no cost, whatever cost a file names: for what is done with new key files, where the time
 * that it takes is not the point. They open each other's files, and no other engine's.
 */
import { type Engine, load, native, portable } from './engine.ts';

const cost = { N: 2, r: 1, p: 1 };

function hurry({ backend }: Engine): Promise<Engine> {
  const { scrypt } = backend;
  return load(async () => ({
    backend: { ...backend, scrypt: (password, salt, _named, length) => scrypt(password, salt, cost, length) },
  }));
}

export const hurried = await hurry(native);

export const hurriedEngines: readonly [string, Engine][] = [
  ['native', hurried],
  ['portable', await hurry(portable)],
];
