/** A room over a store that a test controls. Its one member writes on one connection and reads on another. */
import { expect } from 'vitest';
import { fieldsOf, message, newCid } from './entries.ts';
import { room, testServer } from './test-server.ts';
import { UnsteadyStore } from './unsteady-store.ts';

/** @param lingerMs short only in tests that wait for it */
export async function unsteadyRoom(lingerMs = 60 * 60_000) {
  const control = new UnsteadyStore();
  let incoming = '';
  const at = await testServer({
    store: control.store,
    limits: { requestBurst: 10_000, lingerMs },
    tap: (direction, bytes) => {
      if (direction === 'in') incoming += Buffer.from(bytes).toString();
    },
  });
  const who = await at.citizen('alice');
  const client = await at.login(who);
  const reader = await at.login(who);
  const { id, head, key } = await room('den', [{ who, client }]);
  await reader.request('subscribe', { room: id, after: head });
  await reader.first('caught-up');
  const say = (text: string, cid = newCid()) =>
    client.request('append', { room: id, cid, entry: message(who, id, 1, text) });
  const texts = () => reader.all('entry').map(({ entry }) => Buffer.from(fieldsOf(entry.payload).token).toString());
  /** Resolves when the store holds back this many calls. */
  const holding = (count: number) => expect.poll(() => control.waiting).toBe(count);
  /** Returns a function that waits until the server has received one more request of this operation. */
  const nextArrival = (op: string) => {
    const count = () => incoming.split(`"op":"${op}"`).length;
    const before = count();
    return () => expect.poll(count).toBeGreaterThan(before);
  };
  return { nextArrival, at, control, client, reader, id, head, key, say, texts, who, holding };
}
