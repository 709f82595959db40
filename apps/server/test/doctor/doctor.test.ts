/** What the doctor finds in a machine and in a data directory, and the command that it names for each. */
import { createServer } from 'node:net';
import { defaultLimits } from '@chat/server-core';
import { expect, test } from 'vitest';
import { statusFindings } from '../../src/doctor/data.ts';
import { clockFinding, nodeFinding, openFilesFinding, portFinding } from '../../src/doctor/machine.ts';
import type { StatusReport } from '../../src/status/status-report.ts';

const dayMs = 24 * 60 * 60 * 1_000;
const now = 1_000 * dayMs;
const report: StatusReport = {
  serving: {
    ...{ version: '1', startedAt: now, connections: 3, waiting: 0, damaged: 0, certificateEndsAt: now + dayMs },
    ...{ loopDelay: { p99Ms: 1, maxMs: 9 }, backsUp: true },
  },
  stored: { rooms: 1, messages: 2, bytes: 3 },
  today: { messages: 1, bytes: 1 },
  disk: { freeBytes: 1_000, reserveBytes: 100, fileBytes: 50, growthBytesPerDay: 10 },
  authority: { since: now - dayMs, endsAt: now + 900 * dayMs, nextFrom: null, endsSoon: null },
  backup: { last: { at: now - dayMs, file: 'b', bytes: 1, encrypted: true }, failure: null },
};

const levels = (findings: ReturnType<typeof statusFindings>) => new Set(findings.map(({ level }) => level));

test('an earlier Node, too few files and a clock that is behind are problems, each with a command', () => {
  expect(nodeFinding('24.1.0').level).toBe('well');
  expect(nodeFinding('22.9.0')).toMatchObject({ level: 'problem', remedy: 'npm install --global node@24' });
  expect(openFilesFinding(Number.POSITIVE_INFINITY, defaultLimits).level).toBe('well');
  expect(openFilesFinding(4_096, defaultLimits)).toMatchObject({ level: 'note', remedy: 'ulimit -n 65536' });
  expect(openFilesFinding(256, defaultLimits)).toMatchObject({
    level: 'problem',
    text: expect.stringContaining('LimitNOFILE'),
  });
  const stored = { at: now, what: 'the last backup' };
  expect(clockFinding(now - 30_000, stored).level).toBe('well');
  expect(clockFinding(now - dayMs, stored)).toMatchObject({
    level: 'problem',
    text: expect.stringContaining('the last backup is of'),
    remedy: 'timedatectl set-ntp true',
  });
});

test('a port that another program holds is a problem, and a free one is not', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen({ host: '127.0.0.1', port: 0 }, resolve));
  const { port } = other.address() as { port: number };
  const find = () => portFinding('127.0.0.1', { option: 'chat-port', port });
  expect(await find()).toMatchObject({ level: 'problem', remedy: `ss -ltnp 'sport = :${port}'` });
  await new Promise((resolve) => other.close(resolve));
  expect((await find()).level).toBe('well');
});

test('what status warns of is a problem with a command for this data directory', () => {
  const find = (change: Partial<StatusReport>, version = '1') =>
    statusFindings({ ...report, ...change }, { data: '/srv/chat data', now, version });
  expect(levels(find({}))).toEqual(new Set(['well']));
  expect(find({ backup: { last: null, failure: { at: now, reason: 'no space' } } })).toContainEqual({
    about: 'backup',
    level: 'problem',
    text: expect.stringContaining('no space'),
    remedy: "chat-server backup FILE --data '/srv/chat data'",
  });
  const none = find({ backup: { last: null, failure: null } });
  expect(none.find(({ about }) => about === 'backup')).toMatchObject({ level: 'note', text: 'There is none yet.' });
  expect(levels(find({ serving: null }))).toEqual(new Set(['note', 'well']));
  const another = find({}, '2').find(({ about }) => about === 'version');
  expect(another).toMatchObject({ level: 'problem', remedy: 'systemctl restart chat-server' });
  const { serving } = report;
  const ended = find({ serving: serving && { ...serving, certificateEndsAt: now } });
  expect(ended.find(({ about }) => about === 'certificate')?.level).toBe('problem');
});
