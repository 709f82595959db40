/** Two users at their terminals, with the real programs: from enrolment to the keys of a user who has left. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { inspectProfile, listProfiles } from '@chat/client/node';
import { fromBase64url, parsePayload } from '@chat/protocol';
import { createRoomCrypto } from '@chat/room';
import { openSqliteStore } from '@chat/store-sqlite';
import { optional, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { messageKey } from '../../packages/room/src/keys/schedule.ts';
import { readyIn } from '../support/cli-screen.ts';
import { ServerProcess } from '../support/server-process.ts';
import { type Terminal, Tmux } from '../support/terminal.ts';

const cli = [process.execPath, join(import.meta.dirname, '../../apps/cli/dist/main.js')];

async function enrol(terminal: Terminal, name: string, password: string): Promise<void> {
  await terminal.shows(/Your name.*:/);
  await terminal.type(name);
  await terminal.shows(/Choose a password/);
  await terminal.type(password);
  await terminal.shows(/same password again/);
  await terminal.type(password);
  await terminal.shows(/Make one now\?/);
  await terminal.type('no');
  await terminal.shows(/1\) create a room {2}2\) join a room by name {2}3\) list the rooms/);
}

/** Returns the secrets that a profile holds, by epoch. */
async function secretsOf(home: string, user: string, password: string): Promise<Map<number, Uint8Array>> {
  const profile = (await listProfiles(home)).find((summary) => summary.user === user);
  if (profile === undefined) throw new Error(`no profile of ${user}`);
  const { rooms } = await inspectProfile(profile, password);
  const secrets = Object.values(rooms).flatMap(({ state }) => Object.entries(state.secrets));
  return new Map(secrets.map(([epoch, secret]) => [Number(epoch), fromBase64url(secret)]));
}

/** Returns the messages of the only room, as the server stores them. */
async function storedMessages(data: string) {
  const store = await openSqliteStore(join(data, 'chat.db'));
  try {
    const [room] = await store.list('alice', { limit: 1 });
    if (room === undefined) throw new Error('the server has no room');
    const entries = await store.read(room.room, 0, 1000, 1_000_000);
    const messages = entries.flatMap((row) => ('entry' in row && row.entry.type === 'message' ? [row.entry] : []));
    return messages.flatMap(({ payload, by }) => {
      const message = parsePayload('message', payload);
      return message === null ? [] : [{ ...message, room: room.room, by }];
    });
  } finally {
    await store.close();
  }
}

optional('tmux', ['tmux', '-V'])('in tmux', () => {
  test('two users enrol, meet and talk; after one has left, that user cannot decrypt what follows', async () => {
    const folder = temporaryFolder();
    await using tmux = await Tmux.open();
    const data = join(folder.path, 'server');
    // A home for each user: one is copied while the client of the other writes into its own.
    const homes = { alice: join(folder.path, 'alice'), bob: join(folder.path, 'bob') };
    await using server = await ServerProcess.start(data);
    const passwords = { alice: 'the first password', bob: 'another password' };

    const alice = await tmux.start('alice', [...cli, server.text], { CHAT_HOME: homes.alice });
    await enrol(alice, 'alice', passwords.alice);
    await alice.type('1');
    await alice.shows(/Name of the new room/);
    await alice.type('lobby');
    await alice.shows(/\[lobby\] >/);

    const bob = await tmux.start('bob', [...cli, server.text], { CHAT_HOME: homes.bob });
    await enrol(bob, 'bob', passwords.bob);
    await bob.type('3');
    await bob.shows(/lobby +1 member/);
    await bob.type('2');
    await bob.shows(/Name of the room to join/);
    await bob.type('lobby');
    await bob.shows(readyIn('lobby'));
    await alice.shows(/bob joined/);

    await alice.type('hello bob');
    await bob.shows(/alice: hello bob/);
    await bob.type('hello alice');
    await alice.shows(/bob: hello alice/);
    await alice.write('/ed');
    await alice.press('Tab');
    await alice.shows(/> \/edit$/m);
    await alice.write('hello @b');
    await alice.press('Tab');
    await alice.shows(/> \/edit hello @bob$/m);
    await alice.type('again');
    await bob.shows(/alice \(edited\): hello @bob again/);
    await alice.type('/members');
    await alice.shows(/bob +online/);

    // A copy of all that bob ever had, before his client erases it.
    await bob.type('/quit');
    await bob.shows(/ended with 0/);
    await cp(homes.bob, join(folder.path, 'copy'), { recursive: true });
    const leaver = await tmux.start('leaver', [...cli, '--user', 'bob'], { CHAT_HOME: homes.bob });
    await leaver.shows(/Password for bob@/);
    await leaver.type(passwords.bob);
    await leaver.shows(/\[lobby\] >/);
    await leaver.type('/leave');
    await alice.shows(/bob left/);
    await alice.shows(/new key/);
    await alice.type('now that bob is gone');
    await alice.shows(/alice: now that bob is gone/);
    for (const terminal of [alice, leaver]) {
      await terminal.type('/quit');
      await terminal.shows(/ended with 0/);
    }
    for (const screen of await Promise.all([alice, bob, leaver].map((terminal) => terminal.screen()))) {
      for (const password of Object.values(passwords)) expect(screen).not.toContain(password);
      expect(screen).not.toMatch(/!!/);
    }
    expect(await leaver.screen()).not.toContain('now that bob is gone');
    await server[Symbol.asyncDispose]();

    const crypto = createRoomCrypto();
    const kept = await secretsOf(join(folder.path, 'copy'), 'bob', passwords.bob);
    const current = await secretsOf(homes.alice, 'alice', passwords.alice);
    const messages = await storedMessages(data);
    const opens = (secrets: Map<number, Uint8Array>, { room, epoch, by, token }: (typeof messages)[number]) =>
      [...secrets.values()].some((secret) => {
        const place = { roomId: room, epochNumber: epoch, author: by };
        return crypto.decrypt(messageKey(crypto, secret, place), token) !== null;
      });
    expect(messages.map((message) => opens(kept, message))).toEqual([true, true, true, false]);
    // A remaining member erases each key once it has the next one.
    expect(messages.map((message) => opens(current, message))).toEqual([false, false, false, true]);
  });

  test('a user knocks, compares safety numbers, is invited while waiting, and then talks in a direct room', async () => {
    const folder = temporaryFolder();
    await using tmux = await Tmux.open();
    await using server = await ServerProcess.start(join(folder.path, 'server'));
    const environment = { CHAT_HOME: join(folder.path, 'home') };
    const alice = await tmux.start('alice', [...cli, server.text], environment);
    await enrol(alice, 'alice', 'the first password');
    await alice.type('/create attic verified');
    await alice.shows(/by invitation of a member who has verified the new member/);
    await alice.shows(/\[attic\] >/);

    const bob = await tmux.start('bob', [...cli, server.text], environment);
    await enrol(bob, 'bob', 'another password');
    await bob.type('/join attic');
    await bob.shows(/Ask its members for one\?/);
    await bob.type('yes');
    await bob.shows(/you join automatically/);
    await alice.shows(/bob asks to be invited/);
    await alice.type('/admit bob');
    await alice.shows(/\/verify bob \(or "chat verify bob"\)/);

    const numbers = [alice, bob].map(async (terminal, at) => {
      await terminal.type(`/verify ${['bob', 'alice'][at]}`);
      const screen = await terminal.shows(/Compare all of it/);
      return /((\d{5}\s+){12})/.exec(screen)?.[1];
    });
    const [shown, compared] = await Promise.all(numbers);
    expect(shown).toBeDefined();
    expect(shown).toBe(compared);
    await alice.type('/verify bob same');
    await alice.shows(/bob is verified now/);
    await alice.type('/admit bob');
    await alice.shows(/you invited bob .*you have verified/);
    await bob.shows(/you were admitted to attic/);
    await bob.shows(/\[attic\] >/);
    await bob.shows(readyIn('attic'));
    await bob.type('thank you');
    await alice.shows(/bob: thank you/);

    await alice.type('/msg bob between us');
    await alice.shows(/\[@bob\] >/);
    await bob.shows(/alice invites you to a direct room: \/msg alice/);
    await bob.type('/msg alice');
    await bob.shows(/alice: between us/);
    await bob.shows(/\[@alice\] >/);
    for (const terminal of [alice, bob]) {
      await terminal.type('/quit');
      expect(await terminal.shows(/ended with 0/)).not.toMatch(/!!|dm-/);
    }
  });

  test('the next start asks only for the password, and again after a wrong one', async () => {
    const folder = temporaryFolder();
    await using tmux = await Tmux.open();
    await using server = await ServerProcess.start(join(folder.path, 'server'));
    const environment = { CHAT_HOME: join(folder.path, 'home') };
    const first = await tmux.start('first', [...cli, server.text], environment);
    await enrol(first, 'alice', 'the first password');
    await first.type('/create lobby');
    await first.shows(/\[lobby\] >/);
    await first.type('remember me');
    await first.shows(/alice: remember me/);
    await first.type('/quit');
    await first.shows(/ended with 0/);

    const second = await tmux.start('second', cli, environment);
    await second.shows(/Password for alice@127\.0\.0\.1:\d+:/);
    await second.type('not the password');
    await second.shows(/not the password of this profile|wrong/i);
    await second.type('the first password');
    await second.shows(/\[lobby\] >/);
    await second.shows(/alice: remember me/);
    await second.press('C-d');
    await second.shows(/ended with 0/);
  });

  test('a line with another fingerprint is refused; for a line without one the client asks', async () => {
    const folder = temporaryFolder();
    await using tmux = await Tmux.open();
    await using server = await ServerProcess.start(join(folder.path, 'server'));
    const environment = { CHAT_HOME: join(folder.path, 'home') };
    const [address = '', fingerprint = ''] = server.text.split('#');

    const wrong = await tmux.start('wrong', [...cli, `${address}#${'ab'.repeat(32)}`], environment);
    await wrong.shows(/another certificate authority[\s\S]*do not go on[\s\S]*ended with 1/);

    const asked = await tmux.start('asked', [...cli, address], environment);
    await asked.shows(new RegExp(fingerprint.slice(0, 4), 'i'));
    await asked.shows(/Is this the fingerprint that your server printed/);
    await asked.type('yes');
    await enrol(asked, 'alice', 'the first password');
    await asked.type('/quit');
    await asked.shows(/ended with 0/);
  });
});
