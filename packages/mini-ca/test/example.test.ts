/** Runs the programs of `examples/issue-cert` as its README describes them. */
import { join } from 'node:path';
import { type Ended, runChild, startChild, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';

const example = join(import.meta.dirname, '../../../examples/issue-cert');
const folder = temporaryFolder().path;
const env = { ...process.env, CA_FOLDER: folder, CA_PASSWORD: 'a long password', PORT: '0' };

const args = (program: string, ...words: string[]) => [
  '--conditions=@chat/source',
  '--no-warnings',
  `src/${program}.ts`,
  ...words,
];

function run(program: string, words: string[], more: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return runChild(process.execPath, args(program, ...words), { cwd: example, env: { ...env, ...more } });
}

test('a server and a client connect with certificates of the CA', async () => {
  expect(await run('issue-cert', ['server', 'localhost'])).toMatchObject({ code: 0, err: '' });
  expect((await run('issue-cert', ['client', 'alice'])).out).toMatch(/subject {4}alice\n/);

  const server = startChild(process.execPath, args('server'), { cwd: example, env });
  const [, PORT = ''] = await server.prints(/port (\d+)/);
  const greeted = { code: 0, out: 'hello alice\n', err: '' };
  expect(await run('client', ['alice'], { PORT })).toMatchObject(greeted);
});

test('a certificate is revoked by its serial number', async () => {
  const { out: shown } = await run('issue-cert', ['show', join(folder, 'alice.pem')]);
  const serial = /serial {5}([0-9a-f]+)\n/.exec(shown)?.[1] ?? '';
  expect((await run('issue-cert', ['revoke', serial])).out).toContain(`revoked    1\n             ${serial}`);
  expect(await run('issue-cert', ['revoke', serial])).toMatchObject({
    code: 1,
    err: expect.stringContaining('already-revoked'),
  });
});

test('an error is reported in one line', async () => {
  const wrong = await run('issue-cert', ['client', 'bob'], { CA_PASSWORD: 'wrong' });
  expect(wrong).toMatchObject({ code: 1, out: '', err: 'the password does not open this key (wrong-password)\n' });
  expect(await run('issue-cert', [])).toMatchObject({
    code: 2,
    err: expect.stringContaining('issue-cert server HOST'),
  });
  expect((await run('issue-cert', ['client', '../bob'])).code).toBe(2);
});
