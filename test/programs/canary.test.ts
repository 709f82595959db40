/** Messages and their keys occur nowhere at the server: not in its files, its log, its metrics or its frames. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCA } from '@chat/mini-ca';
import { toHex, utf8 } from '@chat/protocol';
import { type Log, startServer } from '@chat/server-core';
import { openSqliteStore } from '@chat/store-sqlite';
import { temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { searchEverything } from '../../apps/demo/src/leak-search.ts';
import { Counters } from '../../apps/server/src/observability/counters.ts';
import { User } from '../support/people.ts';

test('neither text nor key reaches the server', async () => {
  const folder = temporaryFolder();
  const logged: string[] = [];
  const frames: Uint8Array[] = [];
  const keep = (fields: object, message: string) => void logged.push(`${JSON.stringify(fields)} ${message}`);
  const log: Log = { debug: keep, info: keep, warn: keep, error: keep };
  const metrics = new Counters();
  const data = join(folder.path, 'server');
  await mkdir(data);
  const server = await startServer({
    ca: createCA(),
    store: await openSqliteStore(join(data, 'chat.db')),
    enrolment: { host: '127.0.0.1', port: 0, policy: 'open' },
    chat: { host: '127.0.0.1', port: 0 },
    log,
    metrics,
    tap: (_, bytes) => void frames.push(Uint8Array.from(bytes)),
  });

  const canary = 'the canary sings at dawn';
  const alice = await User.enrol(folder.path, server.enrolmentAddress, 'alice');
  const bob = await User.enrol(folder.path, server.enrolmentAddress, 'bob');
  // A client erases each key once it has the next one, and stores a key before it sends a message under it.
  const secrets = new Map<string, Uint8Array>();
  const say = async (text: string) => {
    await alice.client.send('lobby', text);
    for (const secret of await alice.secrets()) secrets.set(toHex(secret), secret);
  };
  await alice.client.createRoom('lobby');
  await say(`${canary}, to an empty room`);
  await bob.join('lobby');
  await say(canary);
  await bob.until(() => bob.texts('lobby').includes(canary));
  await bob.client.leaveRoom('lobby');
  await say(`${canary}, alone`);
  await alice.client.close();
  await bob.client.close();
  await server.close();

  // The frames that the server relayed are searched as one more file.
  await writeFile(join(data, 'frames'), Buffer.concat(frames));
  // So is what the metrics show, which has no name either.
  const scrape = await metrics.registry.metrics();
  await writeFile(join(data, 'metrics'), scrape);
  expect(scrape).toContain('chat_request_duration_seconds_count{op="append"}');
  expect(scrape).not.toMatch(/alice|bob|lobby|127\.0\.0\.1/);
  // An ordinary day logs no failure.
  expect(logged.filter((line) => line.includes('failed'))).toEqual([]);
  expect(secrets.size).toBe(3);
  const sought = [
    { what: 'canary', bytes: utf8(canary) },
    ...[...secrets.values()].map((bytes, index) => ({ what: `key ${index}`, bytes })),
  ];
  const { findings, bytes } = await searchEverything(data, { log: logged.join('\n') }, sought);
  expect(findings).toEqual([]);

  // The search finds the room's name in the database and the frames, and the users in the log.
  expect(bytes).toBeGreaterThan(20_000);
  const control = await searchEverything(data, { log: logged.join('\n') }, [
    { what: 'room', bytes: utf8('lobby') },
    { what: 'user', bytes: utf8('alice') },
  ]);
  const places = new Set(control.findings.map(({ place, what }) => `${what} in ${place.split('/').at(-1)}`));
  expect(places).toContain('room in chat.db');
  expect(places).toContain('room in frames');
  expect(places).toContain('user in log');
});
