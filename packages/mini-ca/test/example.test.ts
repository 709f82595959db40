/** `examples/issue-cert`, as its README has it: a CA, a server and a client as programs of their own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const example = join(import.meta.dirname, '../../../examples/issue-cert');
let folder = '';
let env: NodeJS.ProcessEnv;
let server: ChildProcess | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'issue-cert-'));
  env = { ...process.env, CA_FOLDER: folder, CA_PASSWORD: 'a long password', PORT: '0' };
});
afterAll(() => {
  server?.kill();
  rmSync(folder, { recursive: true, force: true });
});

const args = (program: string, ...words: string[]) => [
  '--conditions=@chat/source',
  '--no-warnings',
  `src/${program}.ts`,
  ...words,
];

function run(program: string, words: string[], more: NodeJS.ProcessEnv = {}) {
  const options = { cwd: example, env: { ...env, ...more }, encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, args(program, ...words), options);
  return { status, stdout, stderr };
}

test('a server and a client that the CA has issued for talk to each other', async () => {
  expect(run('issue-cert', ['server', 'localhost'])).toMatchObject({ status: 0, stderr: '' });
  expect(run('issue-cert', ['client', 'alice']).stdout).toMatch(/whose {4}alice\n/);

  server = spawn(process.execPath, args('server'), { cwd: example, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = server.stdout === null ? [] : await once(server.stdout, 'data');
  const PORT = /port (\d+)/.exec(String(said))?.[1] ?? '';
  expect(run('client', ['alice'], { PORT })).toEqual({ status: 0, stdout: 'hello alice\n', stderr: '' });
});

test('a certificate is revoked by the serial number that is shown', () => {
  const shown = run('issue-cert', ['show', join(folder, 'alice.pem')]).stdout;
  const serial = /serial {3}([0-9a-f]+)\n/.exec(shown)?.[1] ?? '';
  expect(run('issue-cert', ['revoke', serial]).stdout).toContain(`revoked  1\n           ${serial}`);
  expect(run('issue-cert', ['revoke', serial])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('already-revoked'),
  });
});

test('what goes wrong is said in a line', () => {
  const wrong = run('issue-cert', ['client', 'bob'], { CA_PASSWORD: 'wrong' });
  expect(wrong).toEqual({ status: 1, stdout: '', stderr: 'the password does not open this key (wrong-password)\n' });
  expect(run('issue-cert', [])).toMatchObject({ status: 2, stderr: expect.stringContaining('issue-cert server HOST') });
  expect(run('issue-cert', ['client', '../bob']).status).toBe(2);
});
