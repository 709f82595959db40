/** Direct rooms: opened with a user who is offline, by both users at once, and again after an interruption. */
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { isKind, isReady, isRoomEvent } from '../support/events.ts';
import { textsIn } from '../support/kept-texts.ts';
import { connectClient, type Frame, type TestClient } from '../support/test-client.ts';
import { TestNetwork } from '../support/test-network.ts';

const isMoved = isKind('direct-moved');

/** A connection on which the client learns of no invitation. */
const unaware = {
  in: (frame: Frame) => {
    if (frame['push'] === 'invited') return [];
    const isList = (frame['ok'] as Frame | undefined)?.['invitations'] !== undefined;
    return [isList ? { ...frame, ok: { invitations: [], more: false } } : frame];
  },
};

test('opens a direct room with a user who is offline, who later reads messages of an author who is away', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = [await connectClient(network, 'alice'), await connectClient(network, 'bob')];
  await bob.client.close();
  const opened = await alice.client.openDirect('bob');
  expect(opened).toMatchObject({ peer: 'bob', policy: { join: 'direct' } });
  expect(opened.roomName).toMatch(/^dm-[0-9a-f]{24}$/);
  await alice.client.send(opened.roomName, 'hello bob');
  expect(await alice.client.openDirect('bob')).toMatchObject({ roomId: opened.roomId });
  await alice.client.close();

  const back = await bob.restart();
  await back.event(isKind('invited'));
  const joined = await back.client.openDirect('alice');
  expect(joined).toMatchObject({ roomId: opened.roomId, peer: 'alice' });
  await back.read('hello bob');
  await back.client.send(opened.roomName, 'hello alice');

  const again = await alice.restart();
  await again.read('hello alice');
  expect([...again.events, ...back.events].filter(isRoomEvent('violation'))).toEqual([]);
  expect(back.events.filter(isRoomEvent('unreadable'))).toEqual([]);
});

test('opens one direct room when both users open it at once', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = [await connectClient(network, 'alice'), await connectClient(network, 'bob')];
  await Promise.all([alice.client.openDirect('bob'), bob.client.openDirect('alice')]);
  const { roomId, roomName } = await settled(alice, bob);
  await alice.client.send(roomName, 'from alice');
  await bob.client.send(roomName, 'from bob');
  await alice.read('from bob');
  await bob.read('from alice');
  // The other room is left, so its name is free and no invitation waits.
  await expect.poll(async () => (await alice.client.listRooms()).map(({ room }) => room)).toEqual([roomId]);
  expect([await alice.client.invitations(), await bob.client.invitations()]).toEqual([[], []]);
});

/** Resolves with the one direct room in which both users are members. */
async function settled(alice: TestClient, bob: TestClient) {
  const joined = ({ client }: TestClient) =>
    client.rooms().filter(({ leaving, members }) => !leaving && members.length === 2);
  await expect.poll(() => [alice, bob].map((each) => joined(each).length)).toEqual([1, 1]);
  const [[room], [same]] = [joined(alice), joined(bob)];
  expect(same?.roomId).toBe(room?.roomId);
  return room ?? expect.fail('There is no such room.');
}

test('moves what was said in the room that is left, whichever of the two that is', async () => {
  await using network = await TestNetwork.start();
  for (const number of [1, 2, 3, 4, 5]) {
    const alice = await connectClient(network, `alice-${number}`);
    // Bob opens his room before he learns of the other one. He asks twice: before he creates his, and after he has invited.
    const hidden = { left: 1 };
    const bob = await connectClient(network, `bob-${number}`, {
      in: (frame) => {
        if (frame['push'] === 'invited') return [];
        const listed = (frame['ok'] as Frame | undefined)?.['invitations'];
        if (listed === undefined || hidden.left === 0 || (listed as unknown[]).length === 0) return [frame];
        hidden.left -= 1;
        return [{ ...frame, ok: { invitations: [], more: false } }];
      },
    });
    const hers = await alice.client.openDirect(`bob-${number}`);
    await alice.client.send(hers.roomName, 'said before');
    const his = await bob.client.openDirect(`alice-${number}`);
    const last = bob.client.send(his.roomName, 'said by bob');
    const { roomId } = await settled(alice, bob);
    const moved = roomId === hers.roomId ? bob : alice;
    await bob.read('said before');
    await alice.read('said by bob');
    expect((await last).seq).toBeGreaterThan(0);
    if (moved === alice) expect(await alice.event(isMoved)).toMatchObject({ roomId, from: hers.roomName });
    for (const each of [alice, bob]) expect(each.events.filter(isRoomEvent('violation'))).toEqual([]);
  }
});

test('moves on after a restart, if the client ended between the join of one room and the leave of the other', async () => {
  await using network = await TestNetwork.start();
  // Which room has the smaller id is a matter of chance.
  for (let number = 1; number <= 12; number++) {
    const [a, b] = [`alice-${number}`, `bob-${number}`];
    const [alice, bob] = [await connectClient(network, a, unaware), await connectClient(network, b, unaware)];
    const [hers, his] = [await alice.client.openDirect(b), await bob.client.openDirect(a)];
    if (hers.roomId < his.roomId) continue;
    const cid = 'ab'.repeat(16);
    await alice.client.send(hers.roomName, 'said before', { cid });
    await alice.client.joinRoom(his.roomName);
    expect(alice.client.rooms().map(({ peer }) => peer)).toEqual([b, b]);
    const again = await alice.restart();
    expect(await again.event(isMoved)).toMatchObject({ roomId: his.roomId, from: hers.roomName });
    await bob.read('said before');
    await again.event(isKind('left'));
    expect(again.client.rooms().map(({ roomId }) => roomId)).toEqual([his.roomId]);
    // A program that does not know of the move sends no second message.
    await again.client.send(hers.roomName, 'said before', { cid });
    await again.client.send(his.roomName, 'said afterwards');
    await bob.read('said afterwards');
    expect(await textsIn(bob.client, his.roomName)).toEqual(['said before', 'said afterwards']);
    return;
  }
  expect.fail('The other room always had the smaller id.');
});

test('moves only what was said since the other user was invited, and keeps the rest to be read', async () => {
  await using network = await TestNetwork.start();
  // Which room has the smaller id is a matter of chance.
  for (let number = 1; number <= 12; number++) {
    const [a, b] = [`alice-${number}`, `bob-${number}`];
    const [alice, bob] = [await connectClient(network, a, unaware), await connectClient(network, b, unaware)];
    const hers = await alice.client.openDirect(b);
    await bob.client.joinRoom(hers.roomName);
    await alice.client.send(hers.roomName, 'said long ago');
    await bob.read('said long ago');
    await bob.client.leaveRoom(hers.roomName);
    await alice.event(isRoomEvent('left'));
    const his = await bob.client.openDirect(a);
    await alice.client.openDirect(b);
    if (hers.roomId < his.roomId) continue;
    await alice.client.send(hers.roomName, 'said before');
    await alice.client.joinRoom(his.roomName);
    const again = await alice.restart();
    expect(await again.event(isMoved)).toMatchObject({ roomId: his.roomId, from: hers.roomName, kept: true });
    await bob.read('said before');
    await again.event(isKind('left'));
    expect(bob.texts(his.roomName)).toEqual(['said before']);
    expect(await textsIn(again.client, hers.roomName)).toEqual(['said long ago', 'said before']);
    const last = await again.restart();
    // It was killed before or after it had stored that.
    await expect.poll(() => last.client.room(hers.roomName)).toMatchObject({ left: true, leaving: false, peer: null });
    expect(await rejectedCode(last.client.send(hers.roomName, 'anyone?'))).toBe('not-joined');
    expect(await last.client.openDirect(b)).toMatchObject({ roomId: his.roomId });
    await last.client.leaveRoom(hers.roomName);
    expect(JSON.stringify(last.stored())).not.toContain('said long ago');
    expect(last.client.rooms().map(({ roomId }) => roomId)).toEqual([his.roomId]);
    return;
  }
  expect.fail('The other room always had the smaller id.');
});

test('admits no third user to a direct room, and lists it for no other user', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = [await connectClient(network, 'alice'), await connectClient(network, 'bob')];
  const carol = await connectClient(network, 'carol');
  const { roomName: name } = await alice.client.openDirect('bob');
  await bob.client.openDirect('alice');
  expect(await rejectedCode(alice.client.invite(name, 'carol'))).toBe('not-allowed');
  expect(await rejectedCode(carol.client.joinRoom(name))).toBe('unknown-room');
  expect(await rejectedCode(carol.client.knock(name))).toBe('unknown-room');
  expect(await carol.client.listRooms()).toEqual([]);
});

test('finishes opening a direct room if the client is killed before the invitation', async () => {
  await using network = await TestNetwork.start();
  const bob = await connectClient(network, 'bob');
  const alice = await connectClient(network, 'alice', {
    out: (frame) => ((frame['entry'] as Frame | undefined)?.['type'] === 'invite' ? null : frame),
  });
  const opening = alice.client.openDirect('bob').catch((error: unknown) => error);
  await alice.event(isReady);
  const again = await alice.restart();
  expect(await opening).toBeInstanceOf(Error);
  const { roomName: name } = await again.client.openDirect('bob');
  await again.client.send(name, 'here after all');
  await bob.client.openDirect('alice');
  await bob.read('here after all');
});

test('invites a user again who has left the direct room', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = [await connectClient(network, 'alice'), await connectClient(network, 'bob')];
  const { roomName: name } = await alice.client.openDirect('bob');
  await bob.client.openDirect('alice');
  await bob.client.leaveRoom(name);
  await alice.event(isRoomEvent('left'));
  expect(alice.client.room(name)?.peer).toBe('bob');
  await alice.client.openDirect('bob');
  await alice.client.send(name, 'are you there?');
  await bob.client.openDirect('alice');
  await bob.read('are you there?');
});

test('refuses a direct room of another user that the server offers in the name of this one', async () => {
  await using network = await TestNetwork.start();
  await connectClient(network, 'alice');
  const mallory = await connectClient(network, 'mallory');
  const bob = await connectClient(network, 'bob', {
    in: (frame) => {
      const listed = (frame['ok'] as Frame | undefined)?.['invitations'] as readonly Frame[] | undefined;
      if (listed === undefined) return [frame];
      return [{ ...frame, ok: { invitations: listed.map((each) => ({ ...each, by: 'alice' })), more: false } }];
    },
  });
  await mallory.client.openDirect('bob');
  expect(await rejectedCode(bob.client.openDirect('alice'))).toBe('wrong-room');
  await bob.event(isKind('left'));
  expect(bob.client.rooms()).toEqual([]);
  expect(await rejectedCode(bob.client.openDirect('carol'))).toBe('unknown-user');
  expect(await rejectedCode(bob.client.openDirect('bob'))).toBe('not-allowed');
});
