/**
 * Runs turbo without its telemetry, and prints its output only if it fails: `node tooling/turbo.ts build`. Checks of the whole
 * repository, which package.json names and turbo.json lists, run beside the build: `node tooling/turbo.ts build lint types`.
 */
import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { linkPnpm } from './link-pnpm.ts';

const root = join(import.meta.dirname, '..');
// turbo looks for `pnpm` in PATH, where npx does not put it if it starts the linked one.
linkPnpm(root, process.env);
const path = [join(root, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(delimiter);

const args = process.argv.slice(2);
const child = spawn('turbo', ['run', ...args, '--output-logs=errors-only', '--log-prefix=none'], {
  stdio: ['ignore', 'pipe', 'pipe'],
  shell: process.platform === 'win32',
  env: { ...process.env, PATH: path, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', DO_NOT_TRACK: '1' },
});

const output: Buffer[] = [];
for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk));
const [, ...checks] = args.filter((arg) => !arg.startsWith('-'));
const building = 'Building what has changed since the last time';
const doing = checks.length === 0 ? building : `${building}, and checking: ${checks.join(', ')}`;
const notice = setTimeout(() => console.error(`${doing} ...`), 1000);

child.on('error', (error) => {
  clearTimeout(notice);
  console.error(`turbo could not be started (${error.message}). Run \`pnpm install\` first.`);
  process.exitCode = 1;
});
child.on('close', (code) => {
  clearTimeout(notice);
  if (code !== 0) process.stderr.write(Buffer.concat(output));
  process.exitCode = code ?? 1;
});
