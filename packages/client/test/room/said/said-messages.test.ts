/** What counts of what was said in a room, however its log is read. */
import { randomBytes } from 'node:crypto';
import { createMemoryFiles, emptyMessages, type KeptMessage, MessageStore, maxReactions } from '@chat/message-store';
import { limits } from '@chat/protocol';
import type { ReadMessageEvent, RoomEvent } from '@chat/room';
import { generateSigner } from '@chat/signatures';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nameOfSecondReading } from '../../../src/room/history-replay.ts';
import { SaidMessages } from '../../../src/room/said/said-messages.ts';

const roomId = 'ab'.repeat(32);
const keys = { alice: 'a'.repeat(64), bob: 'b'.repeat(64), carol: 'c'.repeat(64) };
type User = keyof typeof keys;

const storeOf = (stored = emptyMessages, files = createMemoryFiles()) =>
  new MessageStore({
    files,
    random: (bytes) => new Uint8Array(randomBytes(bytes)),
    turn: async () => undefined,
    now: () => 1_000_000,
    changed: () => undefined,
    damaged: () => undefined,
    stored,
  });

/** The blobs of which the client has learned that the user has deleted them. */
const deletedFiles: string[] = [];
const saidIn = (messages: MessageStore): SaidMessages =>
  new SaidMessages(
    {
      messages,
      signer: { ...generateSigner(), fingerprint: keys.alice },
      fileDeleted: (_, blob) => deletedFiles.push(blob),
    },
    roomId,
  );

const hashOf = (seq: number) => seq.toString(16).padStart(64, '0');

function head(seq: number, user: User) {
  return { seq, user, fingerprint: keys[user], at: seq * 1000, epoch: 1, hash: hashOf(seq) };
}

const spoken = (seq: number, user: User, text: string): ReadMessageEvent => ({
  ...head(seq, user),
  kind: 'message',
  text,
});

const about = (seq: number) => ({ target: { seq, hash: hashOf(seq) }, earlierKeys: [] });

/** Reads events as a client does. Returns those that count. */
async function read(said: SaidMessages, events: readonly RoomEvent[], name = roomId) {
  const referred = (await said.lookUp(events, name)) ?? undefined;
  const { events: counting, about: aboutOf } = said.take(events, name, referred);
  return counting.map((event) => ({ event, ...aboutOf(event) }));
}

describe('a change', () => {
  test('is no event if its message is unknown, of another user, no message, or named by another position or hash', async () => {
    const said = saidIn(storeOf());
    await read(said, [spoken(1, 'alice', 'one'), { ...head(2, 'bob'), kind: 'reacted', text: 'ok', ...about(1) }]);
    const nothing: readonly RoomEvent[] = [
      { ...head(3, 'bob'), kind: 'edited', text: 'forged', ...about(1) },
      { ...head(4, 'bob'), kind: 'deleted', ...about(1) },
      { ...head(5, 'alice'), kind: 'edited', text: 'x', ...about(99) },
      { ...head(6, 'alice'), kind: 'edited', text: 'x', target: { seq: 1, hash: hashOf(7) }, earlierKeys: [] },
      { ...head(7, 'alice'), kind: 'edited', text: 'x', target: { seq: 2, hash: hashOf(1) }, earlierKeys: [] },
      { ...head(8, 'bob'), kind: 'deleted', ...about(2) },
      { ...head(9, 'bob'), kind: 'without-effect' },
    ];
    expect(await read(said, nothing)).toEqual([]);
    expect(await said.find(1)).toMatchObject({ text: 'one', reactions: [{ user: 'bob', text: 'ok' }] });
  });

  test('tells what it has made of its message, and a reply what it answers', async () => {
    const said = saidIn(storeOf());
    const events: readonly RoomEvent[] = [
      spoken(1, 'alice', 'one'),
      { ...head(2, 'alice'), kind: 'edited', text: 'two', ...about(1) },
      { ...head(3, 'bob'), kind: 'message', text: 'yes', replyTo: about(1).target },
      { ...head(4, 'carol'), kind: 'hidden', ...about(1) },
      { ...head(5, 'bob'), kind: 'message', text: 'what?', replyTo: about(1).target },
    ];
    expect((await read(said, events)).map((each) => ('about' in each ? each.about : null))).toMatchObject([
      null,
      { seq: 1, text: 'two', editedAt: 2000 },
      { seq: 1, text: 'two' },
      { seq: 1, text: '', deletedBy: 'carol' },
      { seq: 1, text: '', deletedBy: 'carol' },
    ]);
  });

  test('counts while none of the messages is kept, as long as the client runs', async () => {
    const store = storeOf({ ...emptyMessages, keep: 'nothing' });
    const said = saidIn(store);
    await read(said, [spoken(1, 'alice', 'one')]);
    const [edited] = await read(said, [{ ...head(2, 'alice'), kind: 'edited', text: 'two', ...about(1) }]);
    expect(edited).toMatchObject({ about: { text: 'two' } });
    expect(await store.page(roomId)).toEqual([]);
  });

  test('finds what a second reading has read, before that is brought together', async () => {
    const store = storeOf();
    const said = saidIn(store);
    const again = nameOfSecondReading(roomId);
    await read(said, [spoken(9, 'bob', 'kept')]);
    await read(said, [spoken(1, 'alice', 'one')], again);
    await read(said, [{ ...head(10, 'alice'), kind: 'deleted', ...about(1) }]);
    await store.merge(again, roomId);
    expect(await store.page(roomId)).toMatchObject([{ seq: 1, text: '', deleted: { by: 'alice' } }, { seq: 9 }]);
  });
});

test('the bound of reactions is that of the protocol', () => {
  expect(maxReactions).toBe(limits.reactionsPerMessage);
});

type Step = readonly [kind: number, user: User, target: number, text: string];

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.tuple(
    fc.nat(9),
    fc.constantFrom<User[]>('alice', 'bob', 'carol'),
    fc.integer({ min: 1, max: 25 }),
    fc.constantFrom('', 'x', 'y', 'z'),
  ),
  { minLength: 1, maxLength: 25 },
);

/** Carol may hide. */
function eventOf([kind, user, target, text]: Step, index: number): RoomEvent {
  const at = head(index + 1, user);
  const all: readonly RoomEvent[] = [
    { ...at, kind: 'edited', text: `${text}.`, ...about(target) },
    { ...at, kind: 'deleted', ...about(target) },
    { ...at, kind: 'reacted', text, ...about(target) },
    { ...at, kind: 'message', text: `${text}>`, replyTo: about(target).target },
    { ...at, kind: 'message', text: `${text}~`, action: true },
    { ...at, kind: 'newer', number: 9, body: 'AA' },
    user === 'carol' ? { ...at, kind: 'hidden', ...about(target) } : { ...at, kind: 'without-effect' },
  ];
  return all[kind] ?? { ...at, kind: 'message', text: `said ${index}` };
}

test('any sequence of kinds by any members is shown alike: read live, in backlogs, in two readings, or from the store after a restart', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.array(fc.integer({ min: 1, max: 9 })), fc.nat(25), async (all, cuts, half) => {
      const events = all.map(eventOf);
      const shown = async (store: MessageStore): Promise<readonly KeptMessage[]> => store.page(roomId, { limit: 1000 });

      const live = storeOf();
      const said = saidIn(live);
      const counting: unknown[] = [];
      for (const event of events) counting.push(...(await read(said, [event])));

      const files = createMemoryFiles();
      let store = storeOf(undefined, files);
      let inBacklog = saidIn(store);
      const counted: unknown[] = [];
      const sizes = [...cuts];
      for (let at = 0; at < events.length; ) {
        const size = sizes.shift() ?? events.length;
        counted.push(...(await read(inBacklog, events.slice(at, at + size))));
        at += size;
        // A restart, with what was written into files.
        await store.flush();
        await store.tend();
        store = storeOf(JSON.parse(JSON.stringify(store.stored)), files);
        inBacklog = saidIn(store);
      }
      expect(counted).toEqual(counting);
      expect(await shown(store)).toEqual(await shown(live));

      const twice = storeOf();
      const again = nameOfSecondReading(roomId);
      await read(saidIn(twice), events.slice(0, half));
      await read(saidIn(twice), events, again);
      await twice.merge(again, roomId);
      expect(await shown(twice)).toEqual(await shown(live));
    }),
    { numRuns: 100 },
  );
});

test('a file whose message the user deletes is deleted at the server, and not one that another user hides', async () => {
  const file = { key: 'k', hash: 'ab'.repeat(32), size: 1, name: 'a.txt', type: 'text/plain' };
  const sent = (seq: number, user: User, blob: string) =>
    ({ ...spoken(seq, user, ''), file: { ...file, blob } }) as ReadMessageEvent;
  deletedFiles.length = 0;
  const said = saidIn(storeOf());
  await read(said, [sent(1, 'alice', 'one'), sent(2, 'bob', 'two'), spoken(3, 'alice', 'no file')]);
  await read(said, [{ ...head(4, 'alice'), kind: 'deleted', ...about(1) }]);
  await read(said, [{ ...head(5, 'carol'), kind: 'hidden', ...about(2) }]);
  await read(said, [{ ...head(6, 'alice'), kind: 'deleted', ...about(3) }]);
  expect(deletedFiles).toEqual(['one']);
  expect(await said.find(1)).not.toHaveProperty('file');
});
