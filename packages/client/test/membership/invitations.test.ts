/** Rooms that are not open: who gets in, what they read, and what is left of it when something is lost on the way. */
import { expect, test } from 'vitest';
import type { ClientEvent } from '../../src/index.ts';
import { connectMeddled, type Frame } from '../support/meddler.ts';
import { Network } from '../support/network.ts';

const code = (value: string) => expect.objectContaining({ code: value });
const ofKind = (kind: string) => (event: ClientEvent) => event.kind === 'room' && event.event.kind === kind;
const isReady = (event: ClientEvent) => event.kind === 'ready';
const byInvitation = { join: 'invite', history: 'since-join' } as const;

test('who is invited while away reads what was said since, and nothing from before', async () => {
  await using network = await Network.start();
  const alice = await connectMeddled(network, 'alice');
  const bob = await connectMeddled(network, 'bob');
  await alice.client.createRoom('board', byInvitation);
  await expect(bob.client.joinRoom('board')).rejects.toThrow(code('not-invited'));
  await bob.client.close();
  await alice.client.send('board', 'not for bob');
  await alice.client.invite('board', 'bob');
  expect(alice.client.room('board')?.invited).toMatchObject([{ user: 'bob', by: 'alice', verified: false }]);
  await alice.event((e) => e.kind === 'room' && e.event.kind === 'epoch' && e.event.number === 2);
  await alice.client.send('board', 'for bob');
  await alice.client.close();

  const back = await bob.restart();
  expect(await back.event(({ kind }) => kind === 'invited')).toMatchObject({
    roomName: 'board',
    by: 'alice',
    policy: byInvitation,
  });
  expect(await back.client.invitations()).toMatchObject([{ roomName: 'board', by: 'alice', policy: byInvitation }]);
  await back.client.joinRoom('board');
  await back.read('for bob');
  expect(back.texts('board')).toEqual(['for bob']);
  expect(back.client.room('board')).toMatchObject({ policy: byInvitation, invited: [] });
  await back.client.send('board', 'thank you');
  expect(await back.client.invitations()).toEqual([]);
  expect(back.events.filter(ofKind('violation'))).toEqual([]);
});

test('who knocks is let in by a member, and joins by itself', async () => {
  await using network = await Network.start();
  const [alice, bob] = [await connectMeddled(network, 'alice'), await connectMeddled(network, 'bob')];
  await alice.client.createRoom('board', byInvitation);
  await bob.client.knock('board');
  const knock = { user: 'bob', fingerprint: bob.client.fingerprint };
  expect(await alice.event(({ kind }) => kind === 'knock')).toMatchObject({ roomName: 'board', ...knock });
  expect(await alice.client.knocks('board')).toEqual([knock]);
  await alice.client.invite('board', 'bob', { fingerprint: bob.client.fingerprint });
  await bob.event(isReady);
  await alice.client.send('board', 'welcome');
  await bob.read('welcome');
  expect(await alice.client.knocks('board')).toEqual([]);
  expect(bob.events.filter(({ kind }) => kind === 'invited')).toEqual([]);
  await bob.client.close();
  expect(bob.stored()?.knocked).toEqual({});
});

test('a knock whose answer was lost is remembered over a restart, and who knocked while all were away is shown', async () => {
  await using network = await Network.start();
  const alice = await connectMeddled(network, 'alice');
  await alice.client.createRoom('board', byInvitation);
  await alice.client.close();
  let lost = false;
  const bob = await connectMeddled(network, 'bob', {
    out(frame) {
      lost ||= frame['op'] === 'knock';
      return frame;
    },
    in: (frame: Frame) => (lost ? [] : [frame]),
  });
  const knocking = bob.client.knock('board').catch((error: unknown) => error);
  await expect.poll(() => lost).toBe(true);
  const back = alice.restart();
  expect(await (await back).event(({ kind }) => kind === 'knock')).toMatchObject({ user: 'bob' });
  const again = await bob.restart();
  expect(await knocking).toBeInstanceOf(Error);
  await (await back).client.invite('board', 'bob');
  await again.event(isReady);
  expect(again.client.room('board')?.members.map(({ user }) => user)).toEqual(['alice', 'bob']);
});

test('a knock that was refused is not remembered', async () => {
  await using network = await Network.start();
  const [alice, bob] = [await connectMeddled(network, 'alice'), await connectMeddled(network, 'bob')];
  await alice.client.createRoom('lobby');
  await expect(bob.client.knock('lobby')).rejects.toThrow(code('entry-refused'));
  await expect(bob.client.knock('nowhere')).rejects.toThrow(code('unknown-room'));
  await bob.client.joinRoom('lobby');
  expect(bob.stored()?.knocked).toEqual({});
});

test('what is not the knocker’s own word is not shown', async () => {
  await using network = await Network.start();
  const meddling = { forge: false };
  const forged = (knock: unknown) => ({ ...(knock as Frame), by: 'ab'.repeat(32) });
  const alice = await connectMeddled(network, 'alice', {
    in(frame) {
      const ok = frame['ok'] as { knocks?: unknown[] } | undefined;
      if (!meddling.forge || ok?.knocks === undefined) return [frame];
      return [{ ...frame, ok: { knocks: ok.knocks.map(forged) } }];
    },
  });
  const bob = await connectMeddled(network, 'bob');
  await alice.client.createRoom('board', byInvitation);
  await bob.client.knock('board');
  await alice.event(({ kind }) => kind === 'knock');
  meddling.forge = true;
  expect(await alice.client.knocks('board')).toEqual([]);
});

test('an invitation that was withdrawn lets nobody in, and the key changes', async () => {
  await using network = await Network.start();
  const [alice, bob] = [await connectMeddled(network, 'alice'), await connectMeddled(network, 'bob')];
  await alice.client.createRoom('board', byInvitation);
  await alice.client.invite('board', 'bob');
  await bob.event(({ kind }) => kind === 'invited');
  await alice.client.removeMember('board', 'bob');
  await alice.event(ofKind('withdrawn'));
  expect(alice.client.room('board')?.invited).toEqual([]);
  await expect(bob.client.joinRoom('board')).rejects.toThrow(code('not-invited'));
  await alice.event((e) => e.kind === 'room' && e.event.kind === 'epoch' && e.event.reason === 'removal');
  await alice.client.invite('board', 'bob');
  await bob.client.joinRoom('board');
});

test('invitations that cannot be are refused with a reason', async () => {
  await using network = await Network.start();
  const [alice, bob] = [await connectMeddled(network, 'alice'), await connectMeddled(network, 'bob')];
  await alice.client.createRoom('board', byInvitation);
  await expect(alice.client.invite('board', 'nobody')).rejects.toThrow(code('unknown-user'));
  await expect(alice.client.invite('board', 'alice')).rejects.toThrow(code('already-a-member'));
  await expect(alice.client.invite('attic', 'bob')).rejects.toThrow(code('not-joined'));
  const fingerprint = 'ab'.repeat(32);
  await expect(alice.client.invite('board', 'bob', { fingerprint })).rejects.toThrow(code('identity-changed'));
  await alice.client.invite('board', 'bob');
  await expect(alice.client.invite('board', 'bob')).rejects.toThrow(code('already-a-member'));
  await bob.client.joinRoom('board');
});

test('a room that the server describes as another kind than it is, is left again', async () => {
  await using network = await Network.start();
  const alice = await connectMeddled(network, 'alice');
  await alice.client.createRoom('lobby');
  const bob = await connectMeddled(network, 'bob', {
    in(frame) {
      const ok = frame['ok'] as Frame | undefined;
      return ok?.['policy'] === undefined ? [frame] : [{ ...frame, ok: { ...ok, policy: byInvitation } }];
    },
  });
  await expect(bob.client.joinRoom('lobby')).rejects.toThrow(code('wrong-room'));
  await alice.event(ofKind('left'));
  await bob.event(({ kind }) => kind === 'left');
  expect(bob.client.rooms()).toEqual([]);
});
