/** Search and retention with the real programs, without a server; and what the files of the profile show of the texts. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { inspectProfile, listProfiles } from '@chat/client/node';
import { utf8 } from '@chat/protocol';
import { longTest, temporaryFolder } from '@chat/testkit';
import { expect } from 'vitest';
import { searchEverything } from '../../apps/demo/src/leak-search.ts';
import { commandsOf, jsonLines } from '../support/chat-command.ts';
import { ServerProcess } from '../support/server-process.ts';

const password = 'kept in the environment';
/** Three of them are more than what waits for a segment. */
const padding = 'ballast '.repeat(1500).trimEnd();
const texts = ['one', 'two', 'three', 'four'].map((number) => `the harbour master counts ${number} ${padding}`);

longTest('finds what was said, erases what is not to be kept, and has no text readable in its files', async () => {
  const folder = temporaryFolder().path;
  const home = join(folder, 'home');
  const chat = commandsOf(home, 'alice', password);
  const server = await ServerProcess.start(join(folder, 'server'));
  expect(await chat(['enrol', server.text])).toMatchObject({ code: 0 });
  const lines = ['/create lobby', ...texts, '/quit'];
  expect(await chat([], `${lines.join('\n')}\n`)).toMatchObject({ code: 0 });
  await server[Symbol.asyncDispose]();

  const found = async (...args: string[]) => {
    const ended = await chat(['search', ...args, '--json']);
    expect([ended.code, ended.err]).toEqual([0, '']);
    return jsonLines(ended).map(({ seq, text }) => ({ seq, text }));
  };
  const hits = await found('harb* MASTER', '--from', 'alice', '--room', 'lobby');
  expect(hits.map(({ text }) => text)).toEqual(texts.toReversed());
  expect(await found('harbour three', '--limit', '5')).toHaveLength(1);
  expect(await found('harbour mistress')).toEqual([]);
  expect(await chat(['search', 'harbour three'])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^\[lobby\] .* alice: the harbour master counts three ballast/),
  });

  const { out, code } = await chat([], '/search three in lobby\n/around 1\n/keep\n/quit\n');
  expect(code).toBe(0);
  expect(out).toMatch(/\n1\) \[lobby\] .* alice: the harbour master counts three/);
  expect(out).toMatch(/counts two ballast.*\n1\) \[lobby\] .* counts three ballast.*\n.*counts four ballast/);
  expect(out).toContain('this machine keeps all messages');

  const [profile] = await listProfiles(home);
  const segments = () => readdir(join(profile?.directory ?? '', 'messages'));
  const before = await segments();
  expect(before.length).toBeGreaterThan(0);
  const sought = ['harbour', 'ballast', 'three', 'lobby'].map((what) => ({ what, bytes: utf8(what) }));
  const { findings, bytes } = await searchEverything(home, { output: '' }, sought);
  expect(findings).toEqual([]);
  expect(bytes).toBeGreaterThan(2 * padding.length);

  expect(await chat(['keep'])).toMatchObject({ code: 0, out: 'all messages\n' });
  expect(await chat(['keep', '1 message', '--room', 'lobby'])).toMatchObject({
    code: 0,
    out: 'the latest message\n',
    err: '',
  });
  expect((await found('harbour')).map(({ text }) => text)).toEqual([texts.at(-1)]);
  expect((await segments()).filter((file) => before.includes(file))).toEqual([]);

  expect(await chat(['keep', 'nothing', '--room', 'lobby'])).toMatchObject({ code: 0, out: 'no messages\n', err: '' });
  expect(await found('harbour')).toEqual([]);
  expect(await segments()).toEqual([]);
  const state = profile === undefined ? null : await inspectProfile(profile, password);
  expect(state?.messages?.segments).toEqual([]);
  expect(JSON.stringify(state)).not.toContain('harbour');
});
