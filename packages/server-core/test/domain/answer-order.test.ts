/** While the store has not answered every append of a room, the room answers no request that failed. */
import { expect, test } from 'vitest';
import { message, newCid } from '../support/entries.ts';
import { outcomeOf } from '../support/test-client.ts';
import { room, testServer } from '../support/test-server.ts';
import { UnsteadyStore } from '../support/unsteady-store.ts';

test('a failed append is answered only when the store has answered for all that were pending', async () => {
  const unsteady = new UnsteadyStore();
  await using at = await testServer({ store: unsteady.store });
  const alice = await at.member('alice');
  const { id, head } = await room('den', [alice]);
  unsteady.plan = [{ hold: 'before', fail: 'before' }, { hold: 'before' }];
  const answered: string[] = [];
  const say = (text: string) =>
    outcomeOf(alice.client.request('append', { room: id, cid: newCid(), entry: message(alice.who, id, 1, text) })).then(
      (outcome) => void answered.push(outcome),
    );
  const both = [say('fails'), say('is held')];
  while (unsteady.waiting < 2) await alice.client.request('ping', {});
  unsteady.release(0);
  // Answers to later requests would arrive after an answer that was sent too early.
  for (let count = 0; count < 5; count++) await alice.client.request('ping', {});
  expect(answered).toEqual([]);
  unsteady.release();
  await Promise.all(both);
  expect(answered).toEqual(['internal', 'internal']);
  expect((await at.store.load(id))?.head).toBe(head);
});
