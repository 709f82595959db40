/**
 * Folders that are removed with the test that made them, whatever happens to the test run. All folders of one process stand in one
 * folder, which a guard removes when the process ends, even by `kill -9`: the guard's standard input then closes.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { isInTest } from './current-test.ts';

/** A folder for temporary files. Disposing of it removes it with all that is in it. */
export interface Folder extends AsyncDisposable {
  readonly path: string;
}

/** A child that is being killed may still write, which makes `rm` fail. */
const removeAtEnd = `read -r _; for _ in 1 2 3 4 5; do rm -rf -- "$1" && break; sleep 1; done`;

let parent: string | null = null;

function parentFolder(): string {
  if (parent !== null) return parent;
  const path = mkdtempSync(join(tmpdir(), 'chat-'));
  if (process.platform !== 'win32') {
    const guard = spawn('/bin/sh', ['-c', removeAtEnd, 'sh', path], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    guard.unref();
    (guard.stdin as Socket).unref();
  }
  process.once('exit', () => rmSync(path, { recursive: true, force: true }));
  parent = path;
  return path;
}

/**
 * Makes an empty folder that is removed when the current test ends. Outside a test, and in a concurrent test, it is removed with the
 * process that runs the test at the latest.
 */
export function temporaryFolder(): Folder {
  const path = mkdtempSync(join(parentFolder(), 'test-'));
  const remove = () => rm(path, { recursive: true, force: true });
  if (isInTest()) onTestFinished(remove);
  return { path, [Symbol.asyncDispose]: remove };
}
