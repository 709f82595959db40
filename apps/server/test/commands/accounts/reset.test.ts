/** `reset` frees a name, after a confirmation, and prints the line with which its user enrols again. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { parseInvitationLine } from '@chat/protocol';
import { rejectedCode } from '@chat/testkit';
import { expect, onTestFinished, test } from 'vitest';
import type { AdminRequest } from '../../../src/admin/admin-operation.ts';
import { type Administration, AdminServer } from '../../../src/admin/admin-server.ts';
import { reset } from '../../../src/commands/accounts/reset.ts';
import { dataDirectory } from '../../../src/data/data-directory.ts';
import { type ServerRecord, writeRecord } from '../../../src/data/server-record.ts';
import { silentLog } from '../../../src/log.ts';
import { temporaryDirectory } from '../../support/server-process.ts';

const record: ServerRecord = {
  version: 1,
  publicHost: 'chat.example',
  enrolmentPort: 9_998,
  policy: 'invite',
  caFingerprint: 'a'.repeat(64),
};

/** Prepares the data directory of a server; one that runs records what it is asked. */
async function server({ runs = true, policy = 'invite' as ServerRecord['policy'] } = {}) {
  const data = temporaryDirectory();
  const asked: AdminRequest<'reset'>[] = [];
  await writeRecord(dataDirectory(data, {}), { ...record, policy });
  const done = { users: ['bob'], since: 1, sessions: 2, certificates: 3, rooms: 4 };
  const administration = {
    reset: async (request: AdminRequest<'reset'>) => {
      asked.push(request);
      return done;
    },
  } satisfies Partial<Administration>;
  if (runs) {
    const admin = await AdminServer.listen(
      join(data, 'admin.sock'),
      administration as Partial<Administration> as Administration,
      silentLog,
    );
    onTestFinished(() => admin.close());
  }
  const run = async (options: { yes?: boolean; json?: boolean; answer?: string | null } = {}) => {
    const { yes = false, json = false, answer } = options;
    const printed: string[] = [];
    const questions: string[] = [];
    const ask = async (question: string) => {
      questions.push(question);
      return answer ?? null;
    };
    const context = { environment: {}, print: (text: string) => void printed.push(text), hasWarnings: () => {} };
    const request = { user: 'bob', reason: 'unspecified', hours: 3, yes, json, data } as const;
    await reset(request, { ...context, ask: answer === undefined ? null : ask });
    return { text: printed.join('\n'), questions };
  };
  return { run, asked };
}

test('asks the operator, and changes nothing without a yes', async () => {
  const { run, asked } = await server();
  expect(await rejectedCode(run())).toBe('usage');
  expect(await rejectedCode(run({ answer: '' }))).toBe('not-confirmed');
  expect(await rejectedCode(run({ answer: null }))).toBe('not-confirmed');
  expect(asked).toEqual([]);
  const { questions } = await run({ answer: ' Yes' });
  expect(questions).toEqual([expect.stringContaining('bob')]);
  expect(asked).toHaveLength(1);
});

test('keeps the name for the line that it prints', async () => {
  const { run, asked } = await server();
  const { text } = await run({ yes: true });
  expect(text).toContain('The name bob is free.');
  const line = parseInvitationLine(/chat:\S+/.exec(text)?.[0] ?? '');
  expect(line).toMatchObject({ host: 'chat.example', port: 9_998 });
  const tokenHash = createHash('sha256')
    .update(line?.invitation ?? '')
    .digest('hex');
  expect(asked).toMatchObject([{ user: 'bob', invitation: { tokenHash, user: 'bob' } }]);
  const { line: other, ...rest } = JSON.parse((await run({ yes: true, json: true })).text);
  expect(parseInvitationLine(other)?.invitation).not.toBe(line?.invitation);
  expect(rest).toMatchObject({ users: ['bob'], connections: 2, rooms: 4, certificates: 3 });
});

test('needs a server that runs, and says that no line enrols while enrolment is closed', async () => {
  const stopped = await server({ runs: false });
  expect(await rejectedCode(stopped.run({ yes: true }))).toBe('not-running');
  const closed = await server({ policy: 'closed' });
  const { text } = await closed.run({ yes: true });
  expect(text).toContain('--policy invite');
  expect(text).not.toContain('chat://');
});
