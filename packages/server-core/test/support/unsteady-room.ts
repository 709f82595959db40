/** A room over a store that a test controls. Its one member writes on one connection and reads on another. */
import { codeOf, FrameDecoder } from '@chat/protocol';
import { expect } from 'vitest';
import { fieldsOf, message, newCid } from './entries.ts';
import { room, testServer } from './test-server.ts';
import { UnsteadyStore } from './unsteady-store.ts';

/** Returns the operations of the requests in what a server has received at once. */
function operationsIn(chunk: Uint8Array): string[] {
  const operations: string[] = [];
  try {
    for (const { op } of new FrameDecoder().push(chunk)) operations.push(String(op));
  } catch (error) {
    // The chunk begins inside a frame that is longer than a chunk.
    if (codeOf(error) !== 'frame-too-long' && codeOf(error) !== 'malformed-frame') throw error;
  }
  return operations;
}

/** @param lingerMs short only in tests that wait for it */
export async function unsteadyRoom(lingerMs = 60 * 60_000) {
  const control = new UnsteadyStore();
  const received: string[] = [];
  const at = await testServer({
    store: control.store,
    limits: { requestBurst: 10_000, lingerMs },
    tap: (direction, bytes) => {
      if (direction === 'in') received.push(...operationsIn(bytes));
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
    const count = () => received.filter((each) => each === op).length;
    const before = count();
    return () => expect.poll(count).toBeGreaterThan(before);
  };
  return { nextArrival, at, control, client, reader, id, head, key, say, texts, who, holding };
}
