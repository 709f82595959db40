/** Earlier prekeys of other users than were seen: whether a loss of the server explains them. None of them is used. */
import type { SignedPrekey } from '@chat/protocol';
import type { RoomState } from '@chat/room';
import { beforeEach, describe, expect, test } from 'vitest';
import { reportRefusedPrekeys } from '../../src/keys/prekey-directory.ts';
import { IsolatedClient, isolatedAlice } from '../support/isolated-client.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { lookUp, Person } from '../support/prekey-owner.ts';

const roomId = 'a'.repeat(64);

let { clock, server, alice } = isolatedAlice();
let bob: Person;

beforeEach(() => {
  ({ clock, server, alice } = isolatedAlice());
  bob = new Person('bob');
});

const find = (record: SignedPrekey, who = alice) => lookUp({ server, who, owner: bob, roomId }, record);

const refused = { taken: null, wrong: ['wrong-prekey bob'] };
const outdated = { taken: null, wrong: ['outdated-prekey bob'] };

describe('when the server has lost the latest prekey', () => {
  const day = 24 * 60 * 60_000;
  const lost = () => alice.context.serverLoss.found();

  beforeEach(async () => {
    await find(bob.record(7));
    await clock.advance(1);
  });

  test('refuses an earlier one without a violation, over restarts, and takes the latest and later ones', async () => {
    expect(await find(bob.record(6))).toEqual(refused);
    lost();
    expect(await find(bob.record(6))).toEqual(outdated);
    const restarted = new IsolatedClient('alice', clock, server, alice.vault);
    expect(await find(bob.record(6), restarted)).toEqual(outdated);
    expect(await find(bob.record(7), restarted)).toEqual({ taken: 7, wrong: [] });
    expect(await find(bob.record(8), restarted)).toEqual({ taken: 8, wrong: [] });
  });

  test.each<[string, () => SignedPrekey]>([
    ['that another user has signed', () => ({ ...new Person('bob').record(6), key: bob.identity.key })],
    ['with a changed date', () => ({ ...bob.record(6), madeAt: 5 })],
    ['of another identity', () => new Person('bob').record(6)],
    ['that differs from one with the same date', () => bob.record(7, { seed: 200 })],
  ])('reports an earlier one %s', async (_, record) => {
    lost();
    expect(await find(record())).toEqual(refused);
  });

  test.each([7, 8])(
    'reports an earlier one when the server has shown the latest or a later one since',
    async (shown) => {
      lost();
      await clock.advance(1);
      expect((await find(bob.record(shown))).taken).toBe(shown);
      expect(await find(bob.record(6))).toEqual(refused);
      lost();
      expect(await find(bob.record(6))).toEqual(outdated);
    },
  );

  test('reports an earlier one from 30 days after the loss on, and while the clock is set back', async () => {
    lost();
    await clock.advance(30 * day - 1);
    expect(await find(bob.record(6))).toEqual(outdated);
    await clock.advance(1);
    expect(await find(bob.record(6))).toEqual(refused);
    const setBack = new IsolatedClient('alice', new ManualClock(), server, alice.vault);
    expect(await find(bob.record(6), setBack)).toEqual(refused);
  });

  test('tells the user once of each owner, until the server has lost data again', async () => {
    const report = async () => {
      server.prekeys.set('bob', bob.record(6));
      const { refused: found } = await alice.directory.find(roomId, [bob.identity]);
      const state = { head: { seq: 1, hash: '' } } as RoomState;
      reportRefusedPrekeys(alice.context, { roomId, roomName: 'lobby', state }, found);
      await clock.advance(1);
      return alice.events.length;
    };
    lost();
    expect([await report(), await report()]).toEqual([1, 1]);
    expect(alice.events).toEqual([{ kind: 'outdated-prekey', user: 'bob' }]);
    lost();
    expect(await report()).toBe(2);
  });
});
