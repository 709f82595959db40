/**
 * Fails a test file that shares its worker and leaves something behind that the next file would see. `test-isolation.ts` knows most of
 * these files by their text; this check finds the others, whatever code they call.
 */
import { afterAll, expect } from 'vitest';

/** Events for which a file may leave a listener. The worker removes its temporary folders at its exit. */
const allowedEvents: ReadonlySet<string | symbol> = new Set(['exit']);

/** Stands for a value that Node replaces by another one when it is first read. */
const lazy = Symbol('lazy');

/** Returns what a file may change, by a name that says what it is. */
function traces(): Map<string, unknown> {
  const globals = Object.entries(Object.getOwnPropertyDescriptors(globalThis))
    // The test runner and libraries define such names for themselves.
    .filter(([name]) => !name.startsWith('__'))
    .map(([name, { get, value }]) => [`the global ${name}`, get === undefined ? value : lazy] as const);
  const variables = Object.entries(process.env).map(([name, value]) => [`the variable ${name}`, value] as const);
  const listeners = process
    .eventNames()
    .filter((name) => !allowedEvents.has(name))
    .map((name) => [`the listeners of ${String(name)}`, process.listenerCount(name)] as const);
  return new Map<string, unknown>([...globals, ...variables, ...listeners, ['the working directory', process.cwd()]]);
}

const before = traces();

afterAll(() => {
  const after = traces();
  const names = new Set([...before.keys(), ...after.keys()]);
  const changed = [...names].filter((name) => {
    const earlier = before.get(name);
    return earlier !== lazy && !Object.is(earlier, after.get(name));
  });
  const remedy =
    'what the file leaves behind. Take it back in the file, or let `tooling/test-isolation.ts` know the file';
  expect(changed, remedy).toEqual([]);
});
