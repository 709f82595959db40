/** The server while its store is slow. */
import { entryHash } from '@chat/protocol';
import { describe, expect, test } from 'vitest';
import { epoch, join, leave, message, newCid } from './support/entries.ts';
import { outcomeOf } from './support/test-client.ts';
import { room } from './support/test-server.ts';
import { unsteadyRoom } from './support/unsteady-room.ts';
import { listOf, storeLinks, wrapsFor } from './support/wraps.ts';

describe('a slow store', () => {
  test('delays acknowledgements and broadcasts until entries are stored, and keeps their order', async () => {
    const { at, control, say, texts, client, reader, holding } = await unsteadyRoom();
    await using _ = at;
    control.plan = [{ hold: 'after' }, { hold: 'after' }, { hold: 'after' }];
    const answers: string[] = [];
    const sent = ['one', 'two', 'three'].map((text) => say(text).then(() => answers.push(text)));
    await holding(3);
    await client.ask('ping', {});
    await reader.ask('ping', {});
    expect([answers, texts()]).toEqual([[], []]);
    // Also when a store answers out of order.
    control.release(2, 1, 0);
    await Promise.all(sent);
    expect(answers).toEqual(['one', 'two', 'three']);
    await reader.until(() => texts().length === 3);
    expect(texts()).toEqual(['one', 'two', 'three']);
  });

  test('makes a repeat wait for the first request', async () => {
    const { at, control, say, holding, head, who, id } = await unsteadyRoom();
    await using _ = at;
    control.plan = [{ hold: 'before' }];
    const cid = newCid();
    const first = say('once', cid);
    await holding(1);
    const again = await at.login(who);
    const second = again.request('append', { room: id, cid, entry: message(who, id, 1, 'once') });
    await again.ask('ping', {});
    control.release();
    expect(await Promise.all([first, second])).toMatchObject([{ seq: head + 1 }, { seq: head + 1 }]);
  });

  test('keeps the order of the requests of one connection', async () => {
    const { nextArrival, at, control, say, holding, client, who, id, head, key } = await unsteadyRoom();
    await using _ = at;
    control.plan = [{ hold: 'before' }];
    const sent = say('first');
    await holding(1);
    const wraps = wrapsFor(who);
    const next = epoch(who, id, { number: 2, previous: entryHash(key), answers: 1, reason: 'age', wraps });
    await storeLinks(at.store, who, wraps);
    const arrived = nextArrival('append');
    const fields = { room: id, number: 2, kind: 'fresh', first: 0, wraps: listOf(wraps).slots } as const;
    const put = client.request('put-wraps', fields);
    const appended = client.request('append', { room: id, cid: newCid(), entry: next });
    await arrived();
    control.release();
    expect(await Promise.all([sent, put, appended])).toMatchObject([{}, {}, { seq: head + 2 }]);
  });

  test('sends a follower that catches up no entry before it is published, and none twice', async () => {
    const { at, control, say, holding, who, id, head } = await unsteadyRoom();
    await using _ = at;
    const late = await at.login(who);
    control.holdReads = true;
    await late.request('subscribe', { room: id, after: 0 });
    await holding(1);
    control.plan = [{ hold: 'after' }];
    const sent = say('stored, not published');
    await holding(2);
    control.holdReads = false;
    control.release(0);
    await late.first('caught-up');
    expect(late.positions(id)).toEqual([1, 2]);
    control.release();
    await sent;
    await late.until(() => late.positions(id).includes(head + 1));
    await late.ask('ping', {});
    expect(late.positions(id)).toEqual([1, 2, 3]);
  });

  test('does not count a follower as present whose connection closed before the answer', async () => {
    const { nextArrival, at, control, say, holding, reader, id, head } = await unsteadyRoom();
    await using _ = at;
    const bob = await at.citizen('bob');
    const bobClient = await at.login(bob);
    await bobClient.request('append', { room: id, cid: newCid(), entry: join(bob, id, head) });
    control.plan = [{ hold: 'before' }];
    const sent = say('slow');
    await holding(1);
    const arrived = nextArrival('subscribe');
    const lost = outcomeOf(bobClient.request('subscribe', { room: id, after: 0 }));
    await arrived();
    await bobClient.close();
    await lost;
    const left = () => at.log.lines.some(({ fields, message }) => message.endsWith('closed') && 'user' in fields);
    await expect.poll(left).toBe(true);
    control.release();
    await sent;
    expect(await reader.request('subscribe', { room: id, after: head })).toMatchObject({ online: ['alice'] });
    expect(reader.all('presence')).toEqual([]);
  });

  test('does not let a user follow who leaves at the same time', async () => {
    const { nextArrival, at, control, say, holding, who, id, head } = await unsteadyRoom();
    await using _ = at;
    const bob = await at.citizen('bob');
    const [bobClient, second] = [await at.login(bob), await at.login(bob)];
    await bobClient.request('append', { room: id, cid: newCid(), entry: join(bob, id, head) });
    control.plan = [{ hold: 'after' }, { hold: 'after' }];
    const sent = say('first');
    await holding(1);
    const arrived = nextArrival('subscribe');
    const following = outcomeOf(second.request('subscribe', { room: id, after: 0 }));
    await arrived();
    const left = bobClient.request('append', { room: id, cid: newCid(), entry: leave(bob, id, head + 1) });
    await holding(2);
    // The store answers both at once, as after one commit.
    control.release();
    await Promise.all([sent, left]);
    await following;
    const again = await at.login(who);
    expect(await again.request('subscribe', { room: id, after: head })).toMatchObject({ online: ['alice'] });
  });

  test('is not read any more for a connection that has ended', async () => {
    const { at, control, say, holding, who, id } = await unsteadyRoom();
    await using _ = at;
    for (let count = 0; count < 40; count++) await say('x'.repeat(32_000));
    const late = await at.login(who);
    control.holdReads = true;
    await late.request('subscribe', { room: id, after: 0 });
    await holding(1);
    control.holdReads = false;
    control.reads = 0;
    late.socket.write(Uint8Array.of(0, 0, 0, 1, 0xff));
    expect(await late.first('bye')).toMatchObject({ error: { code: 'malformed-frame' } });
    control.release();
    await late.closed;
    expect(control.reads).toBe(0);
  });

  test('is read for the rooms of a connection in turns', async () => {
    const { at, control, client, who, holding } = await unsteadyRoom();
    await using _ = at;
    const rooms: string[] = [];
    for (const name of ['one', 'two', 'three']) rooms.push((await room(name, [{ who, client }])).id);
    for (const id of rooms) {
      for (let count = 0; count < 12; count++) {
        const entry = message(who, id, 1, 'x'.repeat(32_000));
        await client.request('append', { room: id, cid: newCid(), entry });
      }
    }
    const late = await at.login(who);
    control.holdReads = true;
    for (const id of rooms) await late.request('subscribe', { room: id, after: 0 });
    await holding(1);
    await late.ask('ping', {});
    // One page at a time, of one room after the other.
    expect(control.waiting).toBe(1);
    const first = () => [...new Set(late.all('entry').map((each) => each.room))];
    for (let turn = 0; turn < 3; turn++) {
      control.release();
      await holding(1);
    }
    expect(first()).toEqual(rooms);
    control.holdReads = false;
    control.release();
    await late.until(() => late.all('caught-up').length === 3);
    for (const id of rooms) expect(late.positions(id)).toHaveLength(14);
  });

  test('sends a follower who leaves while catching up the log up to the leave, and no more', async () => {
    const { at, control, say, holding, client, who, id, head } = await unsteadyRoom();
    await using _ = at;
    const bob = await at.citizen('bob');
    const bobClient = await at.login(bob);
    await bobClient.request('append', { room: id, cid: newCid(), entry: join(bob, id, head) });
    control.holdReads = true;
    await bobClient.request('subscribe', { room: id, after: 0 });
    await holding(1);
    const gone = leave(bob, id, head + 1);
    await bobClient.request('append', { room: id, cid: newCid(), entry: gone });
    control.holdReads = false;
    control.release();
    await bobClient.until(() => bobClient.positions(id).includes(head + 2));
    expect(await outcomeOf(say('after'))).toBe('rekey-pending');
    await client.request('append', { room: id, cid: newCid(), entry: leave(who, id, head) });
    await bobClient.ask('ping', {});
    expect(bobClient.positions(id)).toEqual([1, 2, 3, 4]);
    expect(bobClient.all('caught-up')).toEqual([]);
  });
});
