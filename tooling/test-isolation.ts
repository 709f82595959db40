/**
 * Which test files need a worker of their own. The others share workers, which then load the modules of this repository once, and not
 * for each file. A file needs its own if it changes what the next one would see: modules that were loaded with a mock stay loaded, and
 * fake timers, spies, flags and listeners stay in the process. A file that measures the process needs it too.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where the tests stand. */
export const testFiles: readonly string[] = [
  'packages/*/test/**/*.test.ts',
  'apps/*/test/**/*.test.ts',
  'test/**/*.test.ts',
];

/** What changes or measures the process. `vi` is the part of vitest that mocks, spies and fakes. */
const touchesProcess: readonly RegExp[] = [
  /\bimport [^;]*\bvi\b[^;]* from 'vitest'/,
  /\bprocess\.(?:on|once|off|addListener|prependListener|removeListener|removeAllListeners|chdir|umask)\(/,
  /\bprocess\.env(?:\.\w+|\[[^\]]+\]) = |\bdelete process\.env|\bReflect\.set\(process\b/,
  /\bprocess\.(?:memoryUsage|cpuUsage|resourceUsage|getActiveResourcesInfo)\b/,
  /\bsetFlagsFromString\(/,
  /\bglobalThis(?:\.\w+|\[[^\]]+\]) = /,
];

/** The path of a module that a file loads, if it begins with a dot. */
const loaded = /(?:\bfrom|\bimport\(?) ?'(\.[^']+\.ts)'/g;

/**
 * Finds the test files that need a worker of their own: they, or a module of tests that they load, touch the process.
 *
 * @param root the folder of the repository
 * @returns paths relative to `root`
 */
export function isolatedTestFiles(root: string): string[] {
  const known = new Map<string, boolean>();
  const touches = (path: string): boolean => {
    const before = known.get(path);
    if (before !== undefined) return before;
    known.set(path, false); // ends a cycle
    const text = readFileSync(path, 'utf8');
    const result = touchesProcess.some((pattern) => pattern.test(text)) || testModules(path, text).some(touches);
    known.set(path, result);
    return result;
  };
  return globSync(testFiles, { cwd: root }).filter((file) => touches(join(root, file)));
}

function testModules(path: string, text: string): string[] {
  const modules = [...text.matchAll(loaded)].map(([, name = '']) => join(dirname(path), name));
  return modules.filter((module) => /[\\/]test[\\/]/.test(module) && existsSync(module));
}
