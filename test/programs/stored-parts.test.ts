/** A profile in parts that an earlier version wrote opens in this one, with everything that the parts have. */
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspectProfile, listProfiles } from '@chat/client/node';
import { UserMap } from '@chat/room';
import { temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { commandsOf, jsonLines } from '../support/chat-command.ts';
import { makePrivate } from '../support/make-private.ts';

const fixture = join(import.meta.dirname, '../fixtures/stored-files/in-parts/profiles');
const password = 'correct horse battery';
const roomId = 'a'.repeat(64);
const users = 130;

/** Returns what the profile in a home has. */
async function contentOf(home: string) {
  const [profile] = await listProfiles(home);
  if (profile === undefined) throw new Error('no profile');
  const { pins, seenPrekeys, links, rooms } = await inspectProfile(profile, password);
  const { name, heard, state } = rooms[roomId] ?? {};
  const names = state?.members.sorted((a, b) => a.joinedAt - b.joinedAt).map(({ user }) => user) ?? [];
  const { fingerprint = '' } = state?.members.named('user-3') ?? {};
  const heardOf = UserMap.of(heard ?? {});
  const authors = [state?.authors.size, state?.authors.get(fingerprint)?.counter];
  const maps = [pins, seenPrekeys].map((table) => UserMap.of<unknown>(table).size);
  const sizes = [...maps, Object.keys(links?.senders ?? {}).length, heardOf.size];
  return { profile, name, users: names, authors, sizes, heardAt: heardOf.get(fingerprint)?.at };
}

test('opens with all members, pins, links and chains of authors, and with what has changed since the parts were written', async () => {
  const home = join(temporaryFolder().path, 'home');
  await cp(fixture, home, { recursive: true });
  await makePrivate(home);
  const { profile, ...before } = await contentOf(home);
  expect(before).toEqual({
    ...{ name: 'plaza', users: Array.from({ length: users }, (_, index) => `user-${index}`) },
    // The message of user-3 is in the file of the state, beside the part of before.
    ...{ authors: [users, 500], sizes: [users, users, users, users], heardAt: 500 },
  });
  expect(JSON.parse(await readFile(join(profile.directory, 'state.sealed'), 'utf8'))).toMatchObject({ v: 3 });
  expect((await readdir(join(profile.directory, 'parts'))).length).toBeGreaterThan(4);

  // The program opens it without its server, and stores it.
  const listed = await commandsOf(home, 'erin', password)(['rooms', '--json']);
  expect(listed.code).toBe(0);
  expect(jsonLines(listed)).toMatchObject([{ name: 'plaza', members: users, joined: true }]);
  const { profile: _, ...after } = await contentOf(home);
  expect(after).toEqual(before);
});
