/** A whole run of the program: what a reader that ends early does to it. */
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { run } from '../src/run.ts';
import type { RunContext } from '../src/run-context.ts';
import { FakeProfiles, profile } from './support/fakes.ts';
import { fingerprint, view } from './support/samples.ts';

const stream = <T>(): PassThrough & T => new PassThrough() as PassThrough & T;

/** Runs `chat search` over 1,000 hits, which are read page by page. `ends` is called before the second page is read. */
async function search(ends: (parts: { stdout: PassThrough; stop: AbortController }) => void) {
  const profiles = new FakeProfiles(profile('alice'));
  const { client } = profiles;
  client.joined = [view('lobby')];
  const said = Array.from({ length: 1000 }, (_, seq) => ({ seq, user: 'bob', fingerprint, text: 'plan', at: seq }));
  client.kept.set('lobby', said);
  const stop = new AbortController();
  const [stdin, stdout, stderr] = [
    stream<RunContext['stdin']>(),
    stream<RunContext['stdout']>(),
    stream<RunContext['stderr']>(),
  ];
  const read = client.messages.search.bind(client.messages);
  let pages = 0;
  client.messages.search = async (options) => {
    pages += 1;
    if (pages === 2) ends({ stdout, stop });
    return read(options);
  };
  const code = await run({
    argv: ['search', 'plan', '--limit', '1000', '--json'],
    variables: { CHAT_HOME: '/home', CHAT_PASSWORD: 'password' },
    ...{ stdin, stdout, stderr, profiles, stop, notifyDesktop: () => undefined },
  });
  const lines = String(stdout.read() ?? '').split('\n').length - 1;
  return { code, pages, lines, reported: String(stderr.read() ?? ''), closed: client.closed };
}

const broken = (code: string) => Object.assign(new Error('broken'), { code });

test('ends without an error when the reader of its output ends', async () => {
  const ended = await search(({ stdout }) => stdout.emit('error', broken('EPIPE')));
  expect(ended).toEqual({ code: 0, pages: 2, lines: 200, reported: '', closed: true });
});

test('reports that its output could not be written', async () => {
  const ended = await search(({ stdout }) => stdout.emit('error', broken('ENOSPC')));
  expect(ended).toMatchObject({ code: 1, pages: 2, lines: 200, closed: true });
  expect(ended.reported).toMatch(/^The disk is full/);
});

test('ends a search when it is interrupted', async () => {
  const ended = await search(({ stop }) => stop.abort());
  expect(ended).toEqual({ code: 130, pages: 2, lines: 200, reported: '', closed: true });
});
