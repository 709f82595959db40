/** The configuration file: what is read from it, and that everything wrong in it is named with line, value, bound and remedy. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rejectedCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { CommandError } from '../../src/command-error.ts';
import { parseConfig, readConfigFile } from '../../src/configuration/config-file.ts';
import { filePath } from '../support/configured.ts';
import { temporaryDirectory } from '../support/server-process.ts';

/** Returns what is wrong in a text, a line for each. */
function problemsOf(text: string): string[] {
  try {
    parseConfig(filePath, text);
  } catch (error) {
    if (error instanceof CommandError && error.code === 'config') return error.message.split('\n');
    throw error;
  }
  throw new Error('The text is valid.');
}

test('a file has settings of all kinds with their lines, and paths from its own folder', () => {
  const { entries } = parseConfig(
    filePath,
    `# A comment.
policy = "invite"
log-json = true
"chat-port" = 9_009

keep-bytes = '500M'
backup-dir = "backups"
backup-password-file = "/run/password"
idle-timeout = """3m"""
`,
  );
  expect(Object.fromEntries(entries)).toEqual({
    policy: { text: 'invite', line: 2 },
    'log-json': { text: 'true', line: 3 },
    'chat-port': { text: '9009', line: 4 },
    'keep-bytes': { text: '500M', line: 6 },
    'backup-dir': { text: '/etc/chat-server/backups', line: 7 },
    'backup-password-file': { text: '/run/password', line: 8 },
    'idle-timeout': { text: '3m', line: 9 },
  });
});

describe('what is wrong in a file is named:', () => {
  test.each([
    ['enrol-port = 70000', 'enrol-port takes a port from 0 to 65535, not 70000.'],
    ['idle-timeout = 30', 'idle-timeout takes a time from 1m to 1h, such as 2m, not 30.'],
    ['queue-bytes = "1K"', 'queue-bytes takes a size from 256K to 1G, such as 4M, not "1K".'],
    ['log-json = "yes"', 'log-json takes true or false, not "yes".'],
    ['joins-per-hour = 1.5', 'joins-per-hour takes a whole number from 1 to 100000, not 1.5.'],
    [
      'connections = 99999999999999999999',
      'connections takes a whole number from 1 to 1000000, not "99999999999999999999".',
    ],
    ['backups = [7]', 'backups takes a whole number from 1 to 1000, not a table, a list or a date.'],
    ['polcy = "open"', 'There is no setting "polcy": did you mean policy?'],
    ['requestsPerSecond = 9', 'There is no setting "requestsPerSecond": did you mean requests-per-second?'],
    ['log_level = "debug"', 'There is no setting "log_level": did you mean log-level?'],
    ['colour = "red"', 'There is no setting "colour": "chat-server config --example" lists all of them'],
    [
      '[log]\nlevel = "debug"',
      'There is no table "log": the file has no tables, write its settings above without [log].',
    ],
    ['data = "/srv"', '"data" is no setting of the file: name the data directory with --data or CHAT_DATA.'],
    ['__proto__ = 1', 'There is no setting "__proto__": "chat-server config --example" lists all of them'],
  ])('%s', (line, problem) => {
    expect(problemsOf(`policy = "open"\n${line}\n`)).toEqual([`${filePath}:2: ${problem}`]);
  });

  test('all of it at once, without the value of a name that is no setting', () => {
    const problems = problemsOf('password = "hunter2"\nbackups = 0\nsecret-key = "hunter2"\n');
    expect(problems).toHaveLength(3);
    expect(problems.join()).not.toContain('hunter2');
    expect(problems[2]).toMatch(/^\/etc\/chat-server\/config\.toml:3: .*holds no secrets/);
  });

  test('text that is not TOML, with its place and without the line', () => {
    const [problem, ...others] = problemsOf('policy = "open"\npassword = hunter2\n');
    expect([problem, others]).toEqual([expect.stringMatching(/config\.toml:2: this is not TOML \(.*column \d+\)/), []]);
    expect(problem).not.toContain('hunter2');
  });
});

test('a key is not looked for within a text of several lines', () => {
  const text = 'public-host = """\nbackups = 0\n"""\nbackups = 0\n';
  expect(problemsOf(text)[1]).toMatch(/:4: backups takes/);
});

test.skipIf(process.platform === 'win32')(
  'a file that every user can write is refused, and one that is missing is null',
  async () => {
    const path = join(temporaryDirectory(), 'config.toml');
    expect(await readConfigFile(path)).toBeNull();
    writeFileSync(path, 'policy = "closed"\n');
    expect((await readConfigFile(path))?.entries.get('policy')).toEqual({ text: 'closed', line: 1 });
    chmodSync(path, 0o666);
    expect(await rejectedCode(readConfigFile(path))).toBe('config');
    expect(await rejectedCode(readConfigFile(join(path, '..')))).toBe('file-access');
  },
);
