/**
 * Harvest now, decrypt later: everything that the wire and the server ever had, with all classical private keys, opens nothing. That is
 * what a quantum computer gives that comes after the recording.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createCA } from '@chat/mini-ca';
import { fromBase64url } from '@chat/protocol';
import { UserMap } from '@chat/room';
import { type Log, startServer } from '@chat/server-core';
import { openSqliteStore } from '@chat/store-sqlite';
import { temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { broken, harvestOf, mlKemSecretOf, read, rejectionOf } from './support/harvest.ts';
import { User } from './support/people.ts';

const quiet: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** The CA's key and the places of a server that is started twice. */
interface Place {
  readonly data: string;
  readonly ca: ReturnType<typeof createCA>;
  readonly tap: (direction: 'in' | 'out', bytes: Uint8Array) => void;
}

const start = async ({ data, ca, tap }: Place, ports = { enrolment: 0, chat: 0 }) =>
  startServer({
    ...{ ca, log: quiet, tap },
    store: await openSqliteStore(join(data, 'chat.db')),
    enrolment: { host: '127.0.0.1', port: ports.enrolment, policy: 'open' },
    chat: { host: '127.0.0.1', port: ports.chat },
  });

/** Resolves when a user has read a text. */
const reads = (user: User, text: string) => user.until(() => user.texts('lobby').includes(text));

/** Lets three users talk, with an invitation, a removal, a restart and a history for all. Returns their texts and what was recorded. */
async function recorded(folder: string) {
  const frames: Uint8Array[] = [];
  const data = join(folder, 'server');
  await mkdir(data);
  const tap: Place['tap'] = (direction, bytes) => void (direction === 'in' && frames.push(Uint8Array.from(bytes)));
  const place = { data, ca: createCA(), tap };
  let server = await start(place);
  const ports = { enrolment: server.enrolmentAddress.port, chat: server.chatAddress.port };
  const users = await Promise.all(
    ['alice', 'bob', 'carol'].map((name) => User.enrol(folder, server.enrolmentAddress, name)),
  );
  const [alice, bob, carol] = users as [User, User, User];

  await alice.client.createRoom('lobby', { join: 'invite', history: 'all' });
  await alice.client.send('lobby', 'to an empty room');
  await alice.client.invite('lobby', 'bob');
  await alice.client.send('lobby', 'to one who is invited');
  await bob.join('lobby');
  await alice.client.invite('lobby', 'carol');
  await carol.join('lobby');
  await carol.client.send('lobby', 'to two');
  await reads(bob, 'to two');
  await alice.client.removeMember('lobby', 'carol');
  await alice.client.send('lobby', 'to the one who is left');
  await reads(bob, 'to the one who is left');
  await server.close();
  server = await start(place, ports);
  await bob.client.send('lobby', 'after a restart');
  await reads(alice, 'after a restart');

  const stored = await Promise.all(users.map((user) => user.stored()));
  const room = Object.keys(stored[0]?.rooms ?? {})[0] ?? '';
  const people = Object.values(stored[0]?.rooms ?? {}).flatMap(({ state }) => [state.me]);
  const pins = UserMap.of(stored[0]?.pins ?? {});
  const others = [bob, carol].map(({ name }) => pins.get(name)?.fingerprint ?? '');
  for (const user of users) await user.client.close();
  const ca = server.caFingerprint;
  await server.close();
  const store = await openSqliteStore(join(data, 'chat.db'), { create: false });
  const harvest = await harvestOf(frames, store, { ca, room, people: [...people, ...others] });
  await store.close();
  const prekeys = stored.flatMap((each) => each.prekeys.map(({ seed }) => broken(fromBase64url(seed))));
  return { harvest, prekeys };
}

test('what was recorded opens nothing for a holder of all classical private keys', async () => {
  const folder = temporaryFolder();
  const { harvest, prekeys } = await recorded(folder.path);
  expect(harvest.openings.length).toBeGreaterThan(1);
  expect(harvest.wraps.length).toBeGreaterThan(2);
  expect([prekeys.length, harvest.tokens.length, harvest.pasts.length > 0]).toEqual([3, 5, true]);

  const seeds = prekeys.map(({ seedOfMlKem }) => seedOfMlKem);
  const owners = harvest.openings.map((opening) => seeds.map((seed) => mlKemSecretOf(seed, opening)));
  const guesses = harvest.openings.map((opening, index) => [
    new Uint8Array(32),
    new Uint8Array(32).fill(0xff),
    ...seeds.map((seed) => rejectionOf(seed, opening)),
    ...owners.filter((_, other) => other !== index).flat(),
  ]);
  const guessesOf = (opening: (typeof harvest.openings)[number]) => guesses[harvest.openings.indexOf(opening)] ?? [];
  expect(read(harvest, prekeys, guessesOf)).toEqual([]);

  // Control: with the secrets of ML-KEM too, the same search reads every text.
  const texts = ['to an empty room', 'to one who is invited', 'to two', 'to the one who is left', 'after a restart'];
  const all = read(harvest, prekeys, (opening) => owners[harvest.openings.indexOf(opening)] ?? []);
  expect(texts.filter((text) => all.some((plaintext) => plaintext.includes(text)))).toEqual(texts);
});
