/** The files with which a service manager or a container runs the server agree with the program. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultPorts } from '@chat/protocol';
import { defaultLimits } from '@chat/server-core';
import { optional, outputOf, runChild, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { parseCommandLine } from '../src/config/command-line.ts';
import { connectionsWithin } from '../src/config/open-files.ts';
import { program } from '../src/config/program.ts';
import { settingTable } from '../src/config/setting-table.ts';

const read = (name: string) => readFileSync(join(import.meta.dirname, '..', 'deploy', name), 'utf8');
const variables = new Set(
  Object.values<object>({ ...settingTable, ...program.options }).flatMap((option) =>
    'environment' in option ? [option.environment] : [],
  ),
);

/** Returns the values of a setting of the unit, in their order. */
function settingsOf(unit: string, name: string): string[] {
  return [...unit.matchAll(new RegExp(`^#?${name}=(.*)$`, 'gm'))].map(([, value]) => value ?? '');
}

test('the unit starts the server with variables that it knows, as a user of its own with enough files', () => {
  const unit = read('chat-server.service');
  const [start = ''] = settingsOf(unit, 'ExecStart');
  const [path, ...words] = start.split(' ');
  expect(path).toMatch(/\/chat-server$/);
  const named = settingsOf(unit, 'Environment').map((text) => text.split('=') as [string, string]);
  for (const [name] of named) expect(variables).toContain(name);
  const environment = Object.fromEntries(named);
  expect(parseCommandLine(words, environment)).toMatchObject({
    name: 'start',
    common: { data: '/var/lib/chat-server' },
  });
  expect(connectionsWithin(Number(settingsOf(unit, 'LimitNOFILE')[0]), defaultLimits)).toBe(defaultLimits.connections);
  // Exit code 2 means a wrong command line, which a restart does not mend.
  expect(settingsOf(unit, 'RestartPreventExitStatus')).toEqual(['2']);
  const [user = ''] = settingsOf(unit, 'User');
  expect(read('chat-server.sysusers.conf')).toMatch(new RegExp(`^u +${user} `, 'm'));
});

optional('systemd', ['systemd-analyze', '--version'])('systemd', () => {
  test('reads the unit without a complaint, and finds it well confined', async () => {
    const file = join(temporaryFolder().path, 'chat-server.service');
    // The program and its manual page are not installed here.
    const unit = read('chat-server.service')
      .replace(/^(ExecStart=)\S+/m, `$1${process.execPath}`)
      .replace(/^Documentation=.*\n/m, '');
    writeFileSync(file, unit);
    expect(await runChild('systemd-analyze', ['verify', file])).toMatchObject({ code: 0, out: '', err: '' });
    // The command fails when the exposure is above two of ten.
    await outputOf('systemd-analyze', ['security', '--offline=true', '--threshold=20', '--no-pager', file]);
  });
});

test('the Containerfile installs the packed program, and opens the ports of the server', () => {
  const lines = read('Containerfile')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const steps = lines.map((line) => /^([A-Z]+) (.+)$/.exec(line)?.slice(1) ?? [line, '']);
  const of = (name: string) => steps.flatMap(([step, text]) => (step === name ? [text ?? ''] : []));
  const known = ['FROM', 'COPY', 'RUN', 'USER', 'ENV', 'VOLUME', 'EXPOSE', 'STOPSIGNAL', 'ENTRYPOINT', 'CMD'];
  for (const [step] of steps) expect(known).toContain(step);
  expect(steps[0]?.[0]).toBe('FROM');
  expect(of('EXPOSE')).toEqual([`${defaultPorts.enrolment} ${defaultPorts.chat}`]);
  const environment = Object.fromEntries((of('ENV')[0] ?? '').split(' ').map((pair) => pair.split('=')));
  for (const name of Object.keys(environment)) expect(variables).toContain(name);
  expect(of('VOLUME')).toEqual([environment.CHAT_DATA]);
  const words: string[] = [...JSON.parse(of('ENTRYPOINT')[0] ?? ''), ...JSON.parse(of('CMD')[0] ?? '')];
  expect(words[0]).toBe(program.name);
  expect(parseCommandLine(words.slice(1), environment)).toMatchObject({ name: 'start', request: { host: '0.0.0.0' } });
  // `pnpm programs` gives the file this name.
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8'));
  expect(`chat-server-${version}.tgz`).toMatch(/^chat-server-[\d.]+\.tgz$/);
});
