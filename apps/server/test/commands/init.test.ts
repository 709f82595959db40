/** `init` asks what its options do not answer, and writes a configuration that the server reads. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { init } from '../../src/commands/init.ts';
import { parseCommandLine } from '../../src/config/command-line.ts';
import { isUsableHost } from '../../src/config/hosts.ts';
import { readConfigFile } from '../../src/configuration/config-file.ts';
import { temporaryDirectory } from '../support/server-process.ts';

/** Runs the command. Without answers there is no terminal. */
async function run(words: readonly string[], answers: readonly string[] | null = null) {
  const data = join(temporaryDirectory(), 'data');
  const parsed = parseCommandLine(['init', ...words, '--data', data], {});
  if (parsed.kind !== 'command' || parsed.name !== 'init') throw new Error('not the command');
  const printed: string[] = [];
  const asked: string[] = [];
  const left = [...(answers ?? [])];
  const ask = async (question: string) => {
    asked.push(question);
    return left.shift() ?? null;
  };
  const context = { environment: {}, print: (text: string) => void printed.push(text), hasWarnings: () => {} };
  const request = { ...parsed.common, ...parsed.request };
  await init(request, { ...context, ask: answers === null ? null : ask });
  const file = join(data, 'config.toml');
  // The server reads it.
  expect(await readConfigFile(file)).not.toBeNull();
  return { file, text: readFileSync(file, 'utf8'), printed: printed.join('\n'), asked, data };
}

test('asks three questions, again after an answer that it cannot use', async () => {
  const { text, asked, printed, data } = await run([], ['moon', '3', 'a b', 'chat.example.org', '']);
  expect(text).toContain('host = "0.0.0.0"\npublic-host = "chat.example.org"\npolicy = "invite"\n');
  expect(asked).toHaveLength(5);
  expect([asked[1], asked[3]]).toMatchObject([expect.stringContaining('"moon"'), expect.stringContaining('"a b"')]);
  expect(printed).toContain(`chat-server start --data ${data}`);
  expect(printed).toContain(`chat-server invite NAME --data ${data}`);
});

test('asks one question about a server for this machine, and two about one for a network with a usable name', async () => {
  const own = await run([], ['']);
  expect(own.text).toContain('host = "127.0.0.1"\npolicy = "open"\n');
  expect(own.asked).toHaveLength(1);
  if (!isUsableHost(hostname())) return;
  const network = await run([], ['network', '', 'open']);
  expect(network.text).toContain(`host = "0.0.0.0"\npublic-host = "${hostname()}"\npolicy = "open"\n`);
});

test('asks nothing that options answer, and needs all of them without a terminal', async () => {
  const given = ['--from', 'internet', '--public-host', 'chat.example.org', '--policy', 'open'];
  const { text, file, data } = await run(given);
  expect(text).toContain('policy = "open"');
  if (process.platform !== 'win32')
    expect([statSync(data).mode & 0o777, statSync(file).mode & 0o777]).toEqual([0o700, 0o600]);
  for (const words of [[], ['--from', 'network'], ['--from', 'internet', '--public-host', 'chat.example.org']]) {
    expect(await rejectedCode(run(words))).toBe('usage');
  }
  expect(await rejectedCode(run([], ['2']))).toBe('not-confirmed');
});

test('writes over no configuration', async () => {
  const data = temporaryDirectory();
  writeFileSync(join(data, 'config.toml'), 'policy = "closed"\n');
  const context = { environment: {}, print: () => {}, hasWarnings: () => {}, ask: null };
  expect(await rejectedCode(init({ from: 'machine', data }, context))).toBe('file-exists');
  expect(readFileSync(join(data, 'config.toml'), 'utf8')).toBe('policy = "closed"\n');
});
