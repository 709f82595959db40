/** What somebody with only Node and npm does first: clones, and starts the server with one command. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { onlyInFullRun } from '@chat/testkit';
import { expect, test } from 'vitest';
import { temporaryFolder } from './support/folder.ts';

const root = join(import.meta.dirname, '..');

/** The machine's own programs and an empty home: nothing of this workspace, nor of the package manager that runs us. */
function environmentWith(home: string): NodeJS.ProcessEnv {
  const foreign = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|pnpm_|CHAT_|NODE_|VITEST|PATH$|HOME$)/i.test(name),
  );
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((entry) => !entry.includes('node_modules'));
  return { ...Object.fromEntries(foreign), PATH: path.join(delimiter), HOME: home };
}

onlyInFullRun('a fresh clone, installed from the registry')('a fresh clone', () => {
  test('starts the server with one command, and ends it with one signal', async () => {
    await using folder = await temporaryFolder();
    const [clone, home] = [join(folder.path, 'chat'), join(folder.path, 'home')];
    await promisify(execFile)('git', ['clone', '--quiet', root, clone]);
    await mkdir(home);
    const options = ['--data', join(folder.path, 'data'), '--enrol-port', '0', '--chat-port', '0'];
    const child = spawn('npx', ['--yes', 'pnpm@12', '--filter', 'server', 'start', ...options], {
      cwd: clone,
      env: environmentWith(home),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    const listening = new Promise<void>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk) => {
          output += String(chunk);
          if (/chat:\/\/\S+\n/.test(output)) resolve();
        });
      }
      child.once('exit', () => reject(new Error(`it ended before it listened:\n${output}`)));
    });
    const started = Date.now();
    await listening;
    console.log(`a fresh clone listens after ${Math.round((Date.now() - started) / 1000)} s`);
    expect(output).toMatch(/listening +enrolment on 127\.0\.0\.1:\d+, chat on 127\.0\.0\.1:\d+/);
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    await once(child, 'close');
    expect(output).toContain('stopped');
  }, 600_000);
});
