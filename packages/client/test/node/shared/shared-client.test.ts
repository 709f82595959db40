/** The client of a profile, while one program after the other has the profile: here they are holders that show what a test wants. */
import type { ChatClient } from '@chat/client';
import { rejectedCode } from '@chat/testkit';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { SendOptions } from '../../../src/messages/saying.ts';
import { SharedClient } from '../../../src/node/shared/shared-client.ts';
import { messageAt, roomAt } from '../../support/fake-holder.ts';
import { end, opened, own, Places, serving } from '../../support/places.ts';

/** A method `send` that never answers, and what it was called with. */
function sending() {
  const sent: { readonly text: string; readonly options: SendOptions | undefined }[] = [];
  const send = (_roomName: string, text: string, options?: SendOptions) => {
    sent.push({ text, options });
    return new Promise(() => undefined);
  };
  return { sent, methods: { send } as Partial<ChatClient> };
}

const missed = expect.objectContaining({ kind: 'trouble', code: 'events-missed' });

describe('the client of a profile, when another program has the profile', () => {
  test('reports nothing twice, and says if something is missing', async () => {
    const places = new Places();
    const first = await serving([roomAt('lobby', 7)]);
    places.add(first.path);
    const { client, events } = await opened(places);
    first.report(messageAt('lobby', 8));
    await client.listRooms();
    end(first.holder);

    // It had not stored what the first one has reported.
    const second = await serving([roomAt('lobby', 6)]);
    for (const seq of [7, 8, 9]) second.report(messageAt('lobby', seq));
    places.add(second.path);
    await client.listRooms();
    expect(events).toEqual([messageAt('lobby', 8), messageAt('lobby', 9)]);
    end(second.holder);

    const third = await serving([roomAt('lobby', 12)]);
    places.add(third.path);
    await client.listRooms();
    expect(events.slice(2)).toEqual([missed]);
    end(third.holder);

    places.add(own([roomAt('lobby', 12)]));
    await client.listRooms();
    expect([client.isHolder, events.length]).toEqual([true, 3]);
  });

  test('says that something is missing also if it has the profile itself now', async () => {
    const places = new Places();
    const first = await serving([roomAt('lobby', 7)]);
    places.add(first.path);
    const { client, events } = await opened(places);
    end(first.holder);
    places.add(own([roomAt('lobby', 8)]));
    await client.listRooms();
    expect([client.isHolder, events]).toEqual([true, [missed]]);
  });

  test('has the rooms of that one, and none of the one before', async () => {
    const places = new Places();
    const first = await serving([roomAt('kitchen', 1), roomAt('lobby', 1)]);
    places.add(first.path);
    const { client } = await opened(places);
    expect(client.rooms().map(({ roomName }) => roomName)).toEqual(['kitchen', 'lobby']);
    end(first.holder);
    const second = await serving([roomAt('lobby', 1)]);
    places.add(second.path);
    await client.listRooms();
    expect(client.rooms().map(({ roomName }) => roomName)).toEqual(['lobby']);
  });

  test('hands its messages over again, in their order and with their ids', async () => {
    const places = new Places();
    const before = sending();
    const first = await serving([], before.methods);
    places.add(first.path);
    const { client } = await opened(places);
    const texts = ['one', 'two', 'three'];
    for (const text of texts) client.send('lobby', text).catch(() => undefined);
    await client.listRooms();
    const ids = before.sent.map(({ options }) => options?.cid);
    expect([before.sent.map(({ text }) => text), new Set(ids).size]).toEqual([texts, 3]);

    for (const isOwn of [false, true]) {
      end(first.holder);
      const after = sending();
      const next = isOwn ? null : await serving([], after.methods);
      places.add(next?.path ?? own([], after.methods));
      await client.listRooms();
      expect(after.sent.map(({ text, options }) => [text, options?.cid])).toEqual(
        texts.map((text, at) => [text, ids[at]]),
      );
      if (next !== null) end(next.holder);
    }
  });

  test('sets a rule of what is kept again, unless the one before has stored it', async () => {
    const places = new Places();
    const set: unknown[] = [];
    let store: () => void = () => undefined;
    const stored = new Promise<void>((resolve) => {
      store = resolve;
    });
    const keeping = (settled: () => Promise<void>) =>
      ({
        messages: { areDamaged: false, setRetention: (...args: unknown[]) => void set.push(args), settled },
      }) as unknown as Partial<ChatClient>;
    const first = await serving(
      [],
      keeping(() => new Promise(() => undefined)),
    );
    places.add(first.path);
    const { client } = await opened(places);
    let isAnswered = false;
    const answer = client.messages.setRetention({ days: 7 }, 'lobby').then(() => {
      isAnswered = true;
    });
    await client.listRooms();
    end(first.holder);
    const second = await serving(
      [],
      keeping(() => stored),
    );
    places.add(second.path);
    await client.listRooms();
    expect([set, isAnswered]).toEqual([
      [
        [{ days: 7 }, 'lobby'],
        [{ days: 7 }, 'lobby'],
      ],
      false,
    ]);
    store();
    await answer;
  });

  test('goes on if that one ends as soon as it is found', async () => {
    const places = new Places();
    const first = await serving([roomAt('lobby', 1)]);
    places.add(first.path);
    const client = await SharedClient.open(async (ends) => {
      const next = await places.open(ends);
      if (next.kind !== 'linked') return next;
      end(first.holder);
      while (!next.link.hasEnded) await new Promise((resolve) => setImmediate(resolve));
      return next;
    });
    onTestFinished(() => client.close());
    expect(client.user).toBe('alice');
    places.add(own());
    await client.listRooms();
    expect(client.isHolder).toBe(true);
  });
});

describe('the client of a profile', () => {
  test('says that the program that has it does not answer, and that it answers again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const places = new Places();
    const first = await serving();
    places.add(first.path);
    const { client, events } = await opened(places);
    // What the holder writes meanwhile is not read.
    vi.advanceTimersByTime(20_000);
    expect(events).toMatchObject([{ kind: 'trouble', code: 'program-silent' }]);
    expect(client.online).toBe(false);
    await client.listRooms();
    expect(events.slice(1)).toEqual([{ kind: 'trouble-over', code: 'program-silent' }]);
    expect(client.online).toBe(true);

    vi.advanceTimersByTime(20_000);
    end(first.holder);
    places.add(own());
    await client.listRooms();
    expect(events.slice(2)).toMatchObject([
      { code: 'program-silent' },
      { kind: 'trouble-over', code: 'program-silent' },
    ]);
  });

  test('says when it is closed that a message may be lost, unless that is kept', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    for (const isKept of [false, true]) {
      const places = new Places();
      const { sent, methods } = sending();
      const first = await serving([], methods);
      places.add(first.path);
      const { client } = await opened(places);
      const outcome = rejectedCode(client.send('lobby', 'hello'));
      await client.listRooms();
      if (isKept) sent[0]?.options?.onKept?.();
      const closing = client.close();
      // Not a moment is waited for one that is kept.
      if (!isKept) vi.advanceTimersByTime(1_000);
      await closing;
      expect(await outcome).toBe(isKept ? 'closed' : 'not-kept');
    }
  });

  test('is closed if its opening is ended', async () => {
    const closed: string[] = [];
    const close = async () => void closed.push('own');
    const ending = new AbortController();
    const opening = SharedClient.open(async () => own([], { close }), ending.signal);
    ending.abort();
    expect([await rejectedCode(opening), closed]).toEqual(['closed', ['own']]);
    expect(await rejectedCode(SharedClient.open(async () => own([], { close }), AbortSignal.abort()))).toBe('closed');
    expect(closed).toEqual(['own', 'own']);
  });
});
