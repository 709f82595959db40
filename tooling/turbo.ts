/** Runs turbo with its telemetry off: nothing here talks to the network but the package manager. */
import { spawn } from 'node:child_process';

const child = spawn('turbo', ['run', ...process.argv.slice(2), '--output-logs=errors-only', '--log-prefix=none'], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', DO_NOT_TRACK: '1' },
});
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
