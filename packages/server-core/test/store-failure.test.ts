/** The server when its store fails, and when it closes. */
import { describe, expect, test } from 'vitest';
import { newCid } from './support/entries.ts';
import { outcomeOf } from './support/test-client.ts';
import { unsteadyRoom } from './support/unsteady-room.ts';

describe('a failing store', () => {
  test('causes no broadcast and no acknowledgement of an entry that is not stored', async () => {
    const { at, control, say, texts, reader, head, holding } = await unsteadyRoom();
    await using _ = at;
    control.plan = [{ hold: 'before', fail: 'before' }, { hold: 'before' }];
    const outcomes = Promise.all([outcomeOf(say('lost')), outcomeOf(say('behind'))]);
    await holding(2);
    control.release();
    expect(await outcomes).toEqual(['internal', 'internal']);
    expect(await say('after')).toMatchObject({ seq: head + 1 });
    await reader.until(() => texts().includes('after'));
    expect(texts()).toEqual(['after']);
    expect(at.log.lines.some(({ level }) => level === 'warn')).toBe(true);
  });

  test('publishes an entry once when it failed after the append, and a repeat finds it', async () => {
    const { at, control, say, texts, reader, head } = await unsteadyRoom();
    await using _ = at;
    control.plan = [{ fail: 'after' }];
    const cid = newCid();
    expect(await outcomeOf(say('kept', cid))).toBe('internal');
    await reader.until(() => texts().length === 1);
    expect(await say('kept', cid)).toMatchObject({ seq: head + 1 });
    await say('next');
    await reader.until(() => texts().includes('next'));
    expect(texts()).toEqual(['kept', 'next']);
    expect(reader.positions(reader.all('entry')[0]?.room ?? '')).toEqual([head + 1, head + 2]);
  });

  test('stores and publishes, or refuses, each of many pending entries, in order', async () => {
    const { at, control, say, texts, reader, id, head } = await unsteadyRoom();
    await using _ = at;
    for (let round = 0; round < 5; round++) {
      control.plan = [...Array(round).fill({}), { fail: round % 2 ? 'before' : 'after' }];
      const results = await Promise.all(Array.from({ length: 10 }, (_, n) => outcomeOf(say(`${round} ${n}`))));
      expect(results.filter((result) => result === 'ok').length).toBeGreaterThanOrEqual(round);
      expect(results).toContain('internal');
    }
    const { seq } = await say('end');
    await reader.until(() => texts().includes('end'));
    const published = seq - head;
    expect(reader.positions(id)).toEqual(Array.from({ length: published }, (_, index) => head + 1 + index));
    const log = await control.store.read(id, head, 1_000, 1e9);
    expect(reader.all('entry').map(({ entry }) => entry)).toEqual(log.map((row) => 'entry' in row && row.entry));
  });

  test('recovers the room with the next request when loading fails too', async () => {
    const { at, control, say, texts, reader } = await unsteadyRoom();
    await using _ = at;
    control.plan = [{ fail: 'after' }];
    control.failLoads = 2;
    expect(await outcomeOf(say('kept'))).toBe('internal');
    expect(await outcomeOf(say('while down'))).toBe('internal');
    await say('up again');
    await reader.until(() => texts().includes('up again'));
    expect(texts()).toEqual(['kept', 'up again']);
  });

  test('loads the room only after all pending appends are answered', async () => {
    const { at, control, say, texts, client, reader, head, holding } = await unsteadyRoom();
    await using _ = at;
    control.plan = [{ hold: 'after', fail: 'after' }, { hold: 'before' }];
    const [one, two] = [say('one'), say('two')].map(outcomeOf);
    await holding(2);
    control.release(0);
    const three = say('three');
    await client.ask('ping', {});
    control.release();
    expect(await Promise.all([one, two])).toEqual(['internal', 'internal']);
    expect(await three).toMatchObject({ seq: head + 3 });
    await reader.until(() => texts().includes('three'));
    expect(texts()).toEqual(['one', 'two', 'three']);
  });
});

test('a store that has ended ends the server', async () => {
  const { at, control, client, reader } = await unsteadyRoom();
  control.fail(new Error('its thread is gone'));
  expect(await Promise.all([client.ending(), reader.ending()])).toEqual(['stopping', 'stopping']);
  await at.server.close();
  expect(control.closed).toBe(1);
  expect(at.log.lines.filter(({ level }) => level === 'error')).toMatchObject([
    { fields: { error: { message: 'its thread is gone' } } },
  ]);
  await expect(at.connectToEnrol()).rejects.toThrow(/ECONNREFUSED/);
});

describe('closing', () => {
  test('answers pending requests, sends bye to all clients, and closes the store', async () => {
    const { at, control, say, reader, client, texts, holding } = await unsteadyRoom();
    const waiting = await at.connectToEnrol();
    control.plan = [{ hold: 'before' }];
    const sent = say('last words');
    await holding(1);
    const closing = at.server.close();
    expect(at.server.close()).toBe(closing);
    control.release();
    expect(await sent).toHaveProperty('seq');
    expect(await Promise.all([reader, client, waiting].map((each) => each.ending()))).toEqual(
      Array(3).fill('stopping'),
    );
    expect(texts()).toEqual(['last words']);
    expect(reader.pushes.at(-1)).toMatchObject({ push: 'bye' });
    await closing;
    expect(control.closed).toBe(1);
    await expect(at.login(await at.citizen('bob'))).rejects.toThrow(/ECONNREFUSED/);
  });

  test('waits neither for a store nor for a client without end', async () => {
    const { at, control, say, client, holding } = await unsteadyRoom(500);
    control.plan = [{ hold: 'before' }];
    const sent = say('never').catch(() => 'lost');
    await holding(1);
    client.socket.pause();
    await at.server.close();
    expect(control.closed).toBe(1);
    client.socket.resume();
    await client.closed;
    expect(await sent).toBe('lost');
  });
});
