/** The commands of docs/operations.md: each one parses, and those in its blocks run in their order against a real server. */
import { mkdirSync, rmSync } from 'node:fs';
import { longTest, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { parseCommandLine } from '../apps/server/src/config/command-line.ts';
import { freePorts } from './support/free-ports.ts';
import { read } from './support/repository.ts';
import { ServerProcess, serverCommand } from './support/server-process.ts';

const document = read('docs/operations.md');
/** What stands for a value in the text. */
const placeholders: Readonly<Record<string, string>> = {
  FILE: 'a.backup',
  NAME: 'alice',
  DIRECTORY: 'somewhere',
  ID: '0123456789abcdef',
};

const blocks = [...document.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
const lines = blocks.flatMap((block) => block.trimEnd().split('\n'));
const inText = [...document.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/`(chat-server [^`]+)`/g)];
const commands = [...lines, ...inText.map(([, text = '']) => text)].flatMap((line) => {
  const [, words] = /^(?:sudo -u chat-server )?chat-server (\S.*)$/.exec(line) ?? [];
  return words === undefined ? [] : [words];
});

/** Programs of the system that the blocks use. */
const others = /^(apt-get|curl|sha256sum|tar|npm|cp|mkdir|rm|systemd-sysusers|systemctl|file=|deploy=)/;

test('has commands', () => {
  expect(commands.length).toBeGreaterThan(25);
  for (const line of lines) expect(line).toMatch(/^sudo -u chat-server chat-server /.test(line) ? /./ : others);
});

test.each(commands)('chat-server %s is a command', (words) => {
  const argv = words.split(' ').map((word) => placeholders[word] ?? word);
  expect(() => parseCommandLine(argv, {})).not.toThrow();
});

test('copies files that the packed program has', () => {
  const copied = [...document.matchAll(/"\$deploy\/([\w.-]+)"/g)].map(([, name = '']) => name);
  expect(copied).toHaveLength(2);
  for (const name of copied) expect(read(`apps/server/deploy/${name}`)).not.toBe('');
  expect(read('tooling/pack-programs.ts')).toContain("'deploy'");
});

longTest('the blocks run in their order, and the server of the unit serves in between', async () => {
  const { path: root } = temporaryFolder();
  const [data, backups] = ['/var/lib/chat-server', '/var/lib/chat-server-backups'];
  const inside = (text: string) => text.replaceAll(/\/(var|etc|tmp)\//g, `${root}/$1/`);
  for (const folder of [backups, '/tmp']) mkdirSync(inside(`${folder}/`), { recursive: true });
  const ports = await freePorts();
  let server: ServerProcess | null = null;
  const stop = async () => {
    await server?.kill('SIGTERM');
    server = null;
  };
  const start = async () => {
    // These win over the configuration that the document writes: the test needs the line that an open server prints.
    const environment = { CHAT_HOST: '127.0.0.1', CHAT_POLICY: 'open' };
    server ??= await ServerProcess.start(inside(`${data}/`), ports, environment);
  };
  const ran: string[] = [];
  try {
    for (const line of lines) {
      const [, words] = /^sudo -u chat-server chat-server (.+)$/.exec(line) ?? [];
      if (words !== undefined) {
        const argv = words.split(' ').map((word) => inside(`${word}/`).slice(0, -1));
        // This is another machine, which has nothing but the copied backup.
        if (words.startsWith('restore ') && words.endsWith(data)) rmSync(inside(`${data}/`), { recursive: true });
        // The ports of the service are others here.
        const own = words.startsWith('doctor ') ? ['--enrol-port', '0', '--chat-port', '0'] : [];
        const { code, err } = await serverCommand([...argv, ...own]);
        expect(`${line} ${err}${code}`).toBe(`${line} 0`);
        ran.push(words.split(' ')[0] ?? '');
      } else if (/^systemctl (enable --now|restart) /.test(line)) {
        if (line.includes('restart')) await stop();
        await start();
      } else if (/^systemctl disable --now /.test(line)) {
        await stop();
      } else if (line.startsWith('rm -r ')) rmSync(inside(line.slice(6)), { recursive: true });
    }
  } finally {
    await stop();
  }
  expect(new Set(ran)).toEqual(
    new Set(['doctor', 'init', 'invite', 'invitations', 'backup', 'restore', 'check', 'authority']),
  );
});
