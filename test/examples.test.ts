/** The examples run as their READMEs say: each as a process of its own, on loopback and in temporary folders. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { enrol, fetchAuthority } from '@chat/client/node';
import { parseInvitationLine } from '@chat/protocol';
import { type Child, type Ended, runChild, startChild, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';

const examples = join(import.meta.dirname, '..', 'examples');

interface Run {
  readonly program: string;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

function commandOf({ program, args = [], env = {}, cwd = examples }: Run) {
  const words = ['--conditions=@chat/source', '--no-warnings', join(examples, program), ...args];
  return [process.execPath, words, { cwd, env: { ...process.env, ...env } }] as const;
}

const start = (run: Run): Child => startChild(...commandOf(run));
const finish = (run: Run): Promise<Ended> => runChild(...commandOf(run));

test('encrypt-file decrypts what it encrypted, and refuses a damaged file and leaves no part of it', async () => {
  const { path: cwd } = temporaryFolder();
  const run = (command: string, source: string, target: string, password = 'correct horse') =>
    finish({
      program: 'encrypt-file/src/encrypt-file.ts',
      args: [command, source, target],
      env: { FILE_PASSWORD: password },
      cwd,
    });
  const content = Buffer.alloc(300_000, 'chat');
  await writeFile(join(cwd, 'plain'), content);

  expect(await run('encrypt', 'plain', 'encrypted')).toMatchObject({ code: 0, err: '' });
  expect(await run('decrypt', 'encrypted', 'decrypted')).toMatchObject({ code: 0, err: '' });
  expect(await readFile(join(cwd, 'decrypted'))).toEqual(content);

  const encrypted = await readFile(join(cwd, 'encrypted'));
  await writeFile(join(cwd, 'cut'), encrypted.subarray(0, 200_000));
  const refused = { code: 1, err: expect.stringContaining('cannot be decrypted') };
  expect(await run('decrypt', 'cut', 'no')).toMatchObject(refused);
  expect(await run('decrypt', 'encrypted', 'no', 'wrong')).toMatchObject(refused);
  for (const name of ['no', 'no.partial']) await expect(readFile(join(cwd, name))).rejects.toThrow();
});

test('sign-release verifies a signed file, and refuses a changed one and one of another name', async () => {
  const { path: cwd } = temporaryFolder();
  const run = (...args: string[]) =>
    finish({ program: 'sign-release/src/sign-release.ts', args, env: { KEY_PASSWORD: 'correct horse' }, cwd });
  const file = (name: string, content: string | Uint8Array) => writeFile(join(cwd, name), content);
  await file('chat-1.0.tgz', 'release 1.0');

  expect(await run('keys')).toMatchObject({ code: 0, err: '' });
  expect(await run('sign', 'chat-1.0.tgz')).toMatchObject({ code: 0, err: '' });
  expect(await run('verify', 'chat-1.0.tgz')).toMatchObject({ code: 0 });

  await file('chat-1.1.tgz', 'release 1.0');
  await file('chat-1.1.tgz.sig', await readFile(join(cwd, 'chat-1.0.tgz.sig')));
  expect(await run('verify', 'chat-1.1.tgz')).toMatchObject({ code: 1 });
  await file('chat-1.0.tgz', 'release 6.6');
  expect(await run('verify', 'chat-1.0.tgz')).toMatchObject({ code: 1 });
});

test('share-key hands the same key to each member', async () => {
  const hub = start({ program: 'share-key/src/hub.ts', env: { PORT: '0' } });
  const [, port = ''] = await hub.prints(/port (\d+)\n/);
  const [key] = await hub.prints(/SHA-256 of the key: [0-9a-f]{64}\n/);
  const member = { program: 'share-key/src/member.ts', env: { PORT: port } };
  for (const { code, out } of await Promise.all([finish(member), finish(member)])) {
    expect([code, out]).toEqual([0, key]);
  }
});

test('echo-bot answers a user at the embedded server, and both start again from their files', async () => {
  const { path: home } = temporaryFolder();
  const embedded = (port: string) =>
    start({
      program: 'embedded-server/src/embedded-server.ts',
      args: [join(home, 'server')],
      env: { CA_PASSWORD: 'correct horse', PORT: port },
    });
  const startBot = async (line: string) => {
    const env = { CHAT_LINE: line, BOT_HOME: join(home, 'bot'), BOT_PASSWORD: 'battery staple' };
    const bot = start({ program: 'echo-bot/src/echo-bot.ts', args: ['lobby'], env });
    await bot.prints(/echo is in lobby\n/);
    return bot;
  };

  let server = embedded('0');
  const [text] = await server.prints(/chat:\/\/\S+(?=\n)/);
  const line = parseInvitationLine(text);
  if (line === null) throw new Error(`not an invitation line: ${text}`);
  let bot = await startBot(text);

  const authority = await fetchAuthority(line);
  const alice = await enrol({ home: join(home, 'alice'), address: line, authority, user: 'alice', password: 'staple' });
  const answers = new Map<string, () => void>();
  alice.subscribe((event) => {
    if (event.kind === 'room' && event.event.kind === 'message' && !event.mine) answers.get(event.event.text)?.();
  });
  const echoes = async (said: string) => {
    const answered = new Promise<void>((resolve) => answers.set(said, resolve));
    await alice.send('lobby', `!echo ${said}`);
    await answered;
  };
  await alice.connect();
  await alice.joinRoom('lobby');
  await echoes('hello');
  await alice.close();

  expect(await bot.kill('SIGTERM')).toMatchObject({ code: 0 });
  expect(await server.kill('SIGTERM')).toMatchObject({ code: 0, err: '' });
  server = embedded(String(line.port));
  expect((await server.prints(/chat:\/\/\S+(?=\n)/))[0]).toBe(text);
  bot = await startBot('');
  expect(await bot.kill('SIGTERM')).toMatchObject({ code: 0 });
});
