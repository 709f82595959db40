/** What a server shows to programs that watch it, and that the dashboard and the alerts use nothing else. */
import { readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { longTest } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { fillStore } from '../support/filled-store.ts';
import { ask, namesOf, seriesOf } from '../support/scrape.ts';
import { run, startIn, temporaryDirectory } from '../support/server-process.ts';

const read = (path: string): string => readFileSync(join(import.meta.dirname, '..', '..', path), 'utf8');

/** Resolves with the port of the metrics, which the log names. */
async function metricsPort(server: { readonly err: string }): Promise<number> {
  await expect.poll(() => server.err, { timeout: 60_000 }).toContain('metrics are served');
  return Number(/"port":(\d+),"msg":"metrics are served"/.exec(server.err)?.[1]);
}

/** Returns the names of metrics in an expression of Prometheus, without those that Prometheus itself makes. */
function metricsIn(expression: string): string[] {
  const plain = expression.replace(/\{[^}]*\}/g, '').replace(/\bby \([^)]*\)/g, '');
  return [...plain.matchAll(/\b[a-z_]+_[a-z0-9_]+\b(?!\s*\()/g)].map(([name]) => name);
}

const rules = [...read('observability/alerts.yml').matchAll(/- alert: (\w+)\n\s+expr: (.+)\n/g)].map(
  ([, name = '', expression = '']) => ({ name, expression }),
);

const dashboard: { panels: { title: string; targets: { expr: string }[] }[] } = JSON.parse(
  read('observability/grafana-dashboard.json'),
);
const shown = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

test('a server shows that it is well, its dashboard and alerts use what it has, and nothing names a user or a room', async () => {
  const data = temporaryDirectory();
  await (await startIn(data)).kill('SIGTERM');
  await fillStore(data, 3);
  const server = await startIn(data, ['--metrics-port', '0']);
  const port = await metricsPort(server);
  expect(await ask(port, '/healthz')).toMatchObject({ status: 200 });
  const { status, body } = await ask(port, '/readyz');
  expect(JSON.parse(body)).toEqual({ ready: true, server: 'ok', listeners: 'ok', certificate: 'ok', store: 'ok' });
  expect(status).toBe(200);

  const scrape = await ask(port, '/metrics');
  expect(scrape).toMatchObject({ status: 200, type: expect.stringContaining('version=0.0.4') });
  const series = seriesOf(scrape.body);
  expect(Object.fromEntries(series)).toMatchObject({
    chat_rooms: 1,
    chat_stored_messages: 3,
    chat_accounts: 0,
    'chat_connections{state="logged_in"}': 0,
    'chat_appends_total{type="message"}': 0,
    chat_damaged_rows_total: 0,
    chat_warnings: 0,
    chat_backups_scheduled: 0,
    'chat_log_lines_total{level="error"}': 0,
    chat_disk_reserve_bytes: 64 * 1_024 * 1_024,
  });
  expect(series.get('chat_certificate_expiry_seconds{certificate="server"}')).toBeGreaterThan(0);
  expect(series.get('chat_certificate_expiry_seconds{certificate="authority"}')).toBeGreaterThan(86_400);
  expect(scrape.body).not.toMatch(/alice|\bden\b|aaaaaaaa/);

  const names = namesOf(scrape.body);
  expect(names.size).toBeGreaterThan(50);
  const wanted = [...shown, ...rules.map(({ expression }) => expression)].flatMap(metricsIn);
  expect(wanted.length).toBeGreaterThan(40);
  // A histogram has no series before its first observation with a label.
  const families = [...scrape.body.matchAll(/^# TYPE (\S+) histogram$/gm)].flatMap(([, name]) =>
    ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`),
  );
  const counters = [...scrape.body.matchAll(/^# TYPE (\S+) counter$/gm)].map(([, name]) => name);
  const known = new Set([...names, ...families, ...counters]);
  expect(wanted.filter((name) => !known.has(name))).toEqual([]);

  // Each metric of this program is on the dashboard.
  const own = [...scrape.body.matchAll(/^# TYPE (chat_\S+) /gm)].map(([, name = '']) => name);
  expect(own.filter((name) => name !== 'chat_build_info' && !shown.some((each) => each.includes(name)))).toEqual([]);

  expect((await ask(port, '/metrics', { host: 'chat.example' })).status).toBe(421);

  // A client that completes no handshake.
  const enrolment = server.invitation.port;
  await new Promise((resolve) => {
    const socket = connect(enrolment, '127.0.0.1').on('error', () => {});
    socket.write('no handshake');
    socket.resume().once('close', resolve);
  });
  const after = seriesOf((await ask(port, '/metrics')).body);
  expect(after.get('chat_handshake_failures_total{service="enrolment"}')).toBe(1);

  // Without its directory the store takes nothing.
  rmSync(data, { recursive: true });
  await expect.poll(async () => (await ask(port, '/readyz')).status, { timeout: 60_000 }).toBe(503);
  expect(JSON.parse((await ask(port, '/readyz')).body)).toMatchObject({ ready: false, listeners: 'ok' });
  expect((await ask(port, '/healthz')).status).toBe(200);
  await server.kill('SIGTERM');
});

longTest('the level of the log changes while the server runs', async () => {
  const data = temporaryDirectory();
  expect(await run(['logs', '--data', data])).toMatchObject({ code: 1, err: expect.stringContaining('No server') });
  const server = await startIn(data, ['--log-level', 'error']);
  expect(await run(['logs', '--data', data])).toMatchObject({ code: 0, out: 'error\n' });
  expect(await run(['logs', 'debug', '--data', data])).toMatchObject({ code: 0, err: '' });
  const printed = await run(['logs', '--json', '--data', data]);
  expect(JSON.parse(printed.out)).toEqual({ level: 'debug' });
  expect(await run(['logs', 'loud', '--data', data])).toMatchObject({ code: 2 });
  expect(await run(['logs', 'silent', '--data', data])).toMatchObject({ code: 0, err: '' });
  await server.kill('SIGTERM');
  const lines = server.err
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines[0]).toMatchObject({
    level: 30,
    msg: 'the level of the log was changed',
    before: 'error',
    after: 'debug',
  });
  // Who quiets the log leaves a trace in it.
  expect(lines.at(-1)).toMatchObject({ before: 'debug', after: 'silent' });
  expect(await run(['logs', '--data', data])).toMatchObject({
    code: 1,
    err: expect.stringContaining('No server runs'),
  });
});

test('a server serves no metrics unless it is asked to, and says which option names a port that is in use', async () => {
  const first = await startIn(temporaryDirectory(), ['--metrics-port', '0']);
  const port = await metricsPort(first);
  const taken = ['--enrol-port', '0', '--chat-port', '0', '--metrics-port', String(port)];
  expect(await run(['--data', temporaryDirectory(), ...taken])).toMatchObject({
    code: 1,
    err: expect.stringContaining('--metrics-port'),
  });
  const without = await startIn(temporaryDirectory());
  expect(without.err).not.toContain('metrics');
  await without.kill('SIGTERM');
  await first.kill('SIGTERM');
});

describe('the alerts', () => {
  const operations = read('../../docs/operations.md');

  test('are read', () => expect(rules.length).toBeGreaterThan(10));

  test.each(rules.map(({ name }) => name))('%s has a line in docs/operations.md', (name) => {
    expect(operations).toMatch(new RegExp(`^\\| \`${name}\` +\\| .{10,} \\|$`, 'm'));
  });

  test('in docs/operations.md are these', () => {
    const named = [...operations.matchAll(/^\| `(Chat\w+)` /gm)].map(([, name]) => name);
    expect(named).toEqual(rules.map(({ name }) => name));
  });
});
