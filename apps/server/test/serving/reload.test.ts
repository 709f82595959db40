/** A server reads its configuration again while clients are connected: what changes, what needs a restart, and what is refused. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { FrameDecoder, serverName } from '@chat/protocol';
import { rejectedCode } from '@chat/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { askServer } from '../../src/admin/admin-client.ts';
import { configPlace, configurationOf, readConfig } from '../../src/configuration/configuration.ts';
import type { ReportedSetting } from '../../src/configuration/configuration-report.ts';
import type { BackupSettings } from '../../src/configuration/settings.ts';
import { dataDirectory, prepareDirectory } from '../../src/data/data-directory.ts';
import type { LogLevel } from '../../src/log-level.ts';
import { LiveConfiguration } from '../../src/serving/live-configuration.ts';
import { serveOnce } from '../../src/serving/serve.ts';
import { temporaryDirectory } from '../support/server-process.ts';

/** A server in this process, with its configuration file and its log. */
async function serving(file: string, options: Readonly<Record<string, string>> = {}) {
  const directory = dataDirectory(join(temporaryDirectory(), 'data'), {});
  mkdirSync(directory.path, { mode: 0o700 });
  const path = join(directory.path, 'config.toml');
  const write = (text: string) => writeFileSync(path, text);
  write(file);
  await prepareDirectory(directory);
  const lines: { level: string; fields: object; message: string }[] = [];
  const lineOf = (level: string) => (fields: object, message: string) => void lines.push({ level, fields, message });
  const log = { debug: lineOf('debug'), info: lineOf('info'), warn: lineOf('warn'), error: lineOf('error') };
  const openLog = {
    log,
    level: 'info' as LogLevel,
    counts: { debug: 0, info: 0, warn: 0, error: 0 },
    close: async () => true,
  };
  const backups: (BackupSettings | null)[] = [];
  const schedule = { start: () => {}, change: (settings: BackupSettings | null) => void backups.push(settings) };
  const given = new Map(Object.entries({ 'enrol-port': '0', 'chat-port': '0', ...options }));
  const sources = { given, environment: {}, place: configPlace(undefined, directory.path) };
  const configuration = configurationOf({ ...sources, file: await readConfig(sources.place) });
  const shared = { configuration, hadFile: true, sources, backups: schedule };
  const live = new LiveConfiguration({ ...shared, lines: openLog, openFiles: Number.POSITIVE_INFINITY });
  let stop: (signal: NodeJS.Signals) => void = () => {};
  const stopped = new Promise<NodeJS.Signals>((resolve) => {
    stop = resolve;
  });
  const printed = new Promise<string>((resolve, reject) => {
    const served = serveOnce({
      ...{ live, directory, log, backups: schedule, password: undefined, observability: null, portsBefore: null },
      ...{ version: '0', isTerminal: false, isDefaultDirectory: false, program: [], environment: {}, stop: stopped },
      print: resolve,
      ask: null,
      hasWarnings: () => {},
    });
    served.catch(reject);
    onTestFinished(async () => {
      stop('SIGTERM');
      await served;
    });
  });
  const port = Number(/enrolment on 127\.0\.0\.1:(\d+)/.exec(await printed)?.[1]);
  const ask = async (): Promise<Record<string, ReportedSetting>> => {
    const settings = (await askServer(directory.adminSocket, 'config', {}))?.settings ?? [];
    return Object.fromEntries(settings.map((setting) => [setting.name, setting]));
  };
  const reload = () => askServer(directory.adminSocket, 'reload', {});
  const record = () => JSON.parse(readFileSync(directory.record, 'utf8'));
  const ca = readFileSync(directory.authorityCertificate, 'utf8');
  return { path, write, live, lines, openLog, backups, port, ask, reload, record, ca };
}

/** Connects, and returns what the server says first and the names in its certificate. */
function greeting({ port, ca }: { readonly port: number; readonly ca: string }) {
  return new Promise<{ readonly frame: unknown; readonly names: string | undefined }>((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca, servername: serverName });
    socket.once('error', reject);
    socket.once('data', (data) => {
      const [frame] = new FrameDecoder().push(data);
      resolve({ frame, names: socket.getPeerCertificate().subjectaltname });
      socket.destroy();
    });
  });
}

test('a reload changes limits, policy, names, retention and log level, and names what needs a restart', async () => {
  const server = await serving('policy = "open"\nconnections-per-user = 4\nhost = "127.0.0.1"\n', { backups: '3' });
  expect(await greeting(server)).toMatchObject({ frame: { policy: 'open' } });

  server.write(
    'policy = "invite"\npublic-host = "chat.example.org"\nlog-level = "warn"\nhost = "127.0.0.2"\nkeep-days = 9\n',
  );
  expect(await server.reload()).toEqual({
    file: server.path,
    changed: [
      { name: 'public-host', before: '127.0.0.1', after: 'chat.example.org' },
      { name: 'policy', before: 'open', after: 'invite' },
      { name: 'keep-days', before: null, after: '9' },
      { name: 'log-level', before: 'info', after: 'warn' },
      { name: 'connections-per-user', before: '4', after: '8' },
    ],
    restart: [{ name: 'host', before: '127.0.0.1', after: '127.0.0.2' }],
  });
  const { frame, names } = await greeting(server);
  expect([frame, names]).toEqual([
    expect.objectContaining({ policy: 'invite' }),
    expect.stringContaining('DNS:chat.example.org'),
  ]);
  expect(server.record()).toMatchObject({ policy: 'invite', publicHost: 'chat.example.org' });
  expect(server.openLog.level).toBe('warn');
  expect(server.lines.map(({ message }) => message)).toEqual(
    expect.arrayContaining(['the configuration was reloaded', 'some changes need a restart of the server']),
  );

  const settings = await server.ask();
  expect(settings).toMatchObject({
    host: { value: '127.0.0.1', from: 'file', where: `${server.path}:3` },
    policy: { value: 'invite', from: 'file', where: `${server.path}:1` },
    backups: { value: '3', from: 'option', where: '--backups' },
    'connections-per-user': { value: '8', from: 'default', where: null },
  });
});

test('a file that is not valid, or has gone, changes nothing and says why', async () => {
  const server = await serving('policy = "closed"\nrequests-per-second = 20\n');
  const before = await server.ask();
  server.write('policy = "open"\nrequests-per-second = 5\n');
  await expect(server.reload()).rejects.toThrow(
    /config\.toml:2: requests-per-second takes .* from 10 to 1000000, not 5/,
  );
  // The folder for the backups cannot be made below a file.
  server.write('policy = "open"\nbackup-dir = "server.json/backups"\n');
  expect(await rejectedCode(server.reload())).toBe('file-access');
  rmSync(server.path);
  expect(await rejectedCode(server.reload())).toBe('file-access');
  expect(await server.ask()).toEqual(before);
  expect(await greeting(server)).toMatchObject({ frame: { policy: 'closed' } });
  expect(server.lines.filter(({ level }) => level === 'error').at(-1)).toMatchObject({
    fields: { reason: expect.stringContaining('has gone') },
  });
});

test('backups begin and end with a reload, and a level that a command has set is shown and set back', async () => {
  const server = await serving('');
  server.live.changeLevel('debug');
  expect(await server.ask()).toMatchObject({
    'log-level': { value: 'debug', from: 'command', where: 'chat-server logs' },
  });
  server.write('backup-dir = "backups"\nbackups = 2\n');
  expect(await server.reload()).toMatchObject({
    changed: [
      { name: 'backup-dir', before: null, after: join(server.path, '../backups') },
      { name: 'backups', before: '7', after: '2' },
      { name: 'log-level', before: 'debug', after: 'info' },
    ],
  });
  server.write('');
  await server.reload();
  expect(server.backups).toEqual([{ folder: join(server.path, '../backups'), kept: 2, passwordFile: null }, null]);
});
