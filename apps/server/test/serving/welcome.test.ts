/** The text that the server prints once it listens: the next step is a line that can be pasted as it is. */
import { expect, test } from 'vitest';
import { type Welcome, welcome } from '../../src/serving/welcome.ts';

const about: Welcome = {
  version: '1.2.3',
  record: { version: 1, publicHost: 'h', enrolmentPort: 1, policy: 'open', caFingerprint: 'ab'.repeat(32) },
  enrolment: { host: '127.0.0.1', port: 1 },
  chat: { host: '127.0.0.1', port: 2 },
  line: 'chat://h:1#ab',
  data: null,
  isInstalled: true,
  invitationHours: 24,
};

test('an installed server names the installed programs', () => {
  expect(welcome(about)).toContain("\n  chat 'chat://h:1#ab'\n");
  expect(welcome({ ...about, line: null })).toContain('\n  chat-server invite\n');
  expect(welcome({ ...about, line: null, data: '/a b' })).toContain("\n  chat-server invite --data '/a b'\n");
});

test('a server that pnpm has started names the commands of the README', () => {
  const started = { ...about, isInstalled: false };
  expect(welcome(started)).toContain("\n  npx --yes pnpm@12 --filter cli start 'chat://h:1#ab'\n");
  expect(welcome({ ...started, line: null })).toContain('\n  npx --yes pnpm@12 --filter server start invite\n');
});
