/** A server that denies a room, and then interferes with the join with which the user wants to come back: nothing that is kept goes. */
import type { SignedEntry } from '@chat/protocol';
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { isRoomEvent } from '../support/events.ts';
import { textsIn } from '../support/kept-texts.ts';
import { type Frame, joined, lobbyOf, type TestClient } from '../support/test-client.ts';
import { TestNetwork } from '../support/test-network.ts';

const isJoin = (frame: Frame) =>
  frame['op'] === 'append' && (frame['entry'] as SignedEntry | undefined)?.type === 'join';
const answer = (frame: Frame, error: string) => ({ re: frame['id'], error: { code: error, message: error } });

/** Bob's server, which removes him from a room by its word, cuts off his next join, and claims of the room what `found` says. */
function denying(found: Frame) {
  const tampering = {
    isDenied: false,
    inject: (_: Frame) => {},
    out(frame: Frame) {
      if (!tampering.isDenied) return frame;
      if (frame['op'] === 'subscribe') queueMicrotask(() => tampering.inject(answer(frame, 'removed')));
      else if (isJoin(frame)) queueMicrotask(() => tampering.inject(bye));
      else return frame;
      return null;
    },
    in(frame: Frame) {
      const ok = frame['ok'] as Frame | undefined;
      return tampering.isDenied && ok?.['policy'] !== undefined ? [{ ...frame, ok: { ...ok, ...found } }] : [frame];
    },
  };
  return tampering;
}
const bye = { push: 'bye', error: { code: 'stopping', message: 'stopping' } };
const removals = ({ events }: TestClient) =>
  events.filter((event) => event.kind === 'trouble' && event.code === 'removed').length;

test.each(['and goes on', 'and is killed'])(
  'erases nothing if the server denies a room after it has cut off the join with which the user wanted to come back (%s)',
  async (how) => {
    await using network = await TestNetwork.start();
    await lobbyOf(network, 'alice');
    const tampering = denying({ joined: false, invitedAt: null });
    const bob = await joined(network, 'bob', 'lobby', tampering);
    await bob.client.send('lobby', 'kept');
    tampering.isDenied = true;
    bob.inject(bye);
    await expect.poll(() => removals(bob)).toBe(1);
    expect(await rejectedCode(bob.client.joinRoom('lobby'))).toBe('unreachable');
    const after = how === 'and is killed' ? await bob.restart(tampering) : bob;
    await expect.poll(() => removals(after)).toBe(after === bob ? 2 : 1);
    expect(await textsIn(after.client, 'lobby')).toEqual(['kept']);
    expect(after.client.room('lobby')).toMatchObject({ removed: true, latest: { seq: expect.any(Number) } });
    tampering.isDenied = false;
    const again = await after.restart();
    await again.event((event) => event.kind === 'caught-up');
    expect(await textsIn(again.client, 'lobby')).toEqual(['kept']);
  },
);

test('leaves no room, and erases nothing, if the server claims another policy of it than the log has', async () => {
  await using network = await TestNetwork.start();
  const [alice] = await lobbyOf(network, 'alice');
  const tampering = denying({ joined: true, policy: { join: 'invite', history: 'since-join' } });
  const bob = await joined(network, 'bob', 'lobby', tampering);
  await bob.client.send('lobby', 'kept');
  tampering.isDenied = true;
  bob.inject(bye);
  await expect.poll(() => removals(bob)).toBe(1);
  expect(await rejectedCode(bob.client.joinRoom('lobby'))).toBe('wrong-room');
  expect(await textsIn(bob.client, 'lobby')).toEqual(['kept']);
  expect(bob.client.room('lobby')).toMatchObject({ removed: true, leaving: false });
  await alice.client.send('lobby', 'bob is here');
  expect(alice.events.filter(isRoomEvent('left'))).toEqual([]);
});
