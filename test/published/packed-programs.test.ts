/** The two programs as files that npm installs, as a user has them who does not develop: without a network, and without this repository. */
import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { onlyInFullRun, outputOf, startChild, temporaryFolder } from '@chat/testkit';
import { beforeAll, expect, test } from 'vitest';
import { program as client } from '../../apps/cli/src/program.ts';
import { program as server } from '../../apps/server/src/config/program.ts';
import { jsonLines } from '../support/chat-command.ts';
import { machineEnvironment } from '../support/machine.ts';

const root = join(import.meta.dirname, '../..');
const programs = [client, server] as const;
const { version } = JSON.parse(readFileSync(join(root, 'apps/cli/package.json'), 'utf8')) as { version: string };

/** npm in a home of its own, with a registry that cannot be reached. */
function npmEnvironment(home: string): NodeJS.ProcessEnv {
  const environment = machineEnvironment();
  return {
    ...environment,
    PATH: `${dirname(process.execPath)}${delimiter}${environment['PATH']}`,
    HOME: home,
    npm_config_registry: 'http://127.0.0.1:9',
    npm_config_fetch_retries: '0',
  };
}

onlyInFullRun('the programs as files that npm installs')('the packed programs', () => {
  const { path } = temporaryFolder();
  const [packed, prefix, home] = [join(path, 'packed'), join(path, 'prefix'), join(path, 'home')];
  const env = { ...npmEnvironment(home), CHAT_HOME: join(path, 'profiles'), CHAT_PASSWORD: 'a long password' };
  const command = (name: string, ...args: readonly string[]) =>
    startChild(join(prefix, 'bin', name), args, { env, cwd: path });
  const tarballOf = (name: string) => join(packed, `${name}-${version}.tgz`);
  const installed = (name: string) => join(prefix, 'lib/node_modules/@chat', name);

  beforeAll(async () => {
    for (const folder of [prefix, home]) await mkdir(folder);
    await outputOf(process.execPath, ['--conditions=@chat/source', 'tooling/pack-programs.ts', packed], { cwd: root });
    const words = ['install', '--global', '--prefix', prefix, ...programs.map(({ name }) => tarballOf(name))];
    await outputOf('npm', words, { env, cwd: path });
  });

  test.each(programs)('$name is one small file, which holds only what runs', async ({ name }) => {
    expect((await stat(tarballOf(name))).size).toBeLessThan(name === 'chat' ? 1_000_000 : 12_000_000);
    const entries = await readdir(installed(name), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const holds = new RegExp(
      `^(bin/${name}\\.js|dist/[\\w-]+\\.js|man/${name}\\.1|completion/${name}\\.(bash|zsh|fish)|LICENSE|README\\.md|THIRD-PARTY-NOTICES\\.txt|package\\.json${
        name === 'chat'
          ? ''
          : '|deploy/(Containerfile|chat-server\\.service|chat-server\\.sysusers\\.conf)|observability/(alerts\\.yml|grafana-dashboard\\.json)|node_modules/better-sqlite3/(LICENSE|package\\.json|lib/.+\\.js|prebuilds/[\\w-]+\\.node)'
      })$`,
    );
    const paths = files.map((file) => file.slice(installed(name).length + 1));
    expect(paths.filter((file) => !holds.test(file))).toEqual([]);
    for (const file of files.filter((each) => each.endsWith('.js'))) {
      expect(await readFile(file, 'utf8')).not.toContain('sourceMappingURL');
    }
  });

  test.each(programs)('$name has the licence of each package that it contains', async ({ name }) => {
    const notices = await readFile(join(installed(name), 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    const titles = [...notices.matchAll(/^(\S+) \d+\.\d+\.\d+ \(([^)]+)\)\n\n(.+)/gm)];
    const expected = name === 'chat' ? ['zod', '@noble/curves', 'wrap-ansi'] : ['zod', 'pino', 'better-sqlite3'];
    expect(titles.map(([, title]) => title)).toEqual(expect.arrayContaining(expected));
    const licence = /Permission is hereby granted|Redistribution and use|Apache License\n +Version 2\.0/;
    // A package may have two licences.
    const sections = titles.map(({ index }, at) => notices.slice(index, titles[at + 1]?.index));
    expect(sections.filter((section) => !licence.test(section))).toEqual([]);
  });

  test.each(programs)('$name has the manual page and the completion of its own table', async ({ name, commands }) => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { out } = await command(name, 'completion', shell).ended;
      expect(await readFile(join(installed(name), 'completion', `${name}.${shell}`), 'utf8')).toBe(out);
    }
    const page = await readFile(join(prefix, 'share/man/man1', `${name}.1`), 'utf8');
    for (const each of Object.keys(commands).filter((word) => word !== 'interactive')) {
      expect(page.replaceAll('\\-', '-')).toContain(each);
    }
  });

  test('are found on PATH, and their exit codes are straight', async () => {
    expect(await command('chat', '--version').ended).toMatchObject({ code: 0, out: `${version}\n` });
    expect(await command('chat-server', '--version').ended).toMatchObject({ code: 0, out: `chat-server ${version}\n` });
    expect(await command('chat', 'no-such-command').ended).toMatchObject({ code: 2 });
    expect(await command('chat', 'rooms').ended).toMatchObject({ code: 1 });
    expect(await command('chat-server', 'no-such-command').ended).toMatchObject({ code: 2 });
  });

  test('npx runs the file without installing it', async () => {
    const words = ['--yes', `./chat-${version}.tgz`, '--version'];
    expect(await startChild('npx', words, { env, cwd: packed }).ended).toMatchObject({ code: 0, out: `${version}\n` });
  });

  test('a server and a client of them talk and back up: the thread of the store and the early unlocking are found', async () => {
    const [data, backups] = [join(path, 'data'), join(path, 'backups')];
    const words = [
      '--data',
      data,
      '--enrol-port',
      '0',
      '--chat-port',
      '0',
      '--policy',
      'open',
      '--backup-dir',
      backups,
    ];
    const running = command('chat-server', ...words);
    const [, line = ''] = await running.prints(/^ {2}chat '(chat:\/\/\S+)'\n/m);
    for (const args of [
      ['enrol', line, '--user', 'alice'],
      ['create', 'lobby'],
      ['send', 'lobby', 'good morning'],
    ]) {
      expect(await command('chat', ...args).ended, args.join(' ')).toMatchObject({ code: 0 });
    }
    const { out } = await command('chat', 'tail', 'lobby', '--no-follow', '--json').ended;
    expect(jsonLines({ out })).toContainEqual(expect.objectContaining({ text: 'good morning' }));
    const made = async () => (await readdir(backups)).find((name) => name.endsWith('.backup'));
    await expect.poll(made, { timeout: 200_000 }).toBeDefined();
    running.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(await command('chat-server', 'check', '--data', data).ended).toMatchObject({ code: 0 });
    const restored = ['restore', join(backups, (await made()) ?? ''), '--data', join(path, 'restored')];
    expect(await command('chat-server', ...restored).ended).toMatchObject({ code: 0, err: '' });
  });
});
