/** The machine's own programs, without this workspace's Node and the variables of the package manager that runs the tests. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

function searchPath(): readonly string[] {
  return (process.env['PATH'] ?? '').split(delimiter).filter((entry) => !entry.includes('node_modules'));
}

export function machineEnvironment(): NodeJS.ProcessEnv {
  const foreign = Object.entries(process.env).filter(([name]) => !/^(npm_|pnpm_|CHAT_|NODE_|VITEST|PATH$)/i.test(name));
  return { ...Object.fromEntries(foreign), PATH: searchPath().join(delimiter) };
}

/** The Node that a login shell would start, or this one if there is no other. */
export const machineNode =
  searchPath()
    .map((folder) => join(folder, 'node'))
    .find(isExecutable) ?? process.execPath;

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A command that exits with 0 if `machineNode` loads ES modules with `require`. For that the libraries require Node 20.19. */
export const requiresModules: readonly string[] = [
  machineNode,
  '-e',
  'process.exit(process.features.require_module ? 0 : 1)',
];
