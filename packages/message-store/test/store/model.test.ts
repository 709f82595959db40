/** A store does what a list of messages does, whatever is written, erased, merged, crashed and searched in between. */
import { createMemoryFiles, type KeptMessage, type StoredMessages } from '@chat/message-store';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { message, storeWith } from '../support/store.ts';

const rooms = ['red', 'blue'] as const;
const vocabulary = ['apple', 'pear', 'plum', 'apricot', 'fig'];
const users = ['alice', 'bob'];

type Step =
  | {
      readonly kind: 'add';
      readonly room: number;
      readonly words: readonly (readonly number[])[];
      readonly user: number;
    }
  | { readonly kind: 'flush' }
  | { readonly kind: 'save' }
  | { readonly kind: 'tend' }
  | { readonly kind: 'crash' }
  | { readonly kind: 'erase'; readonly room: number };

const room = fc.nat(rooms.length - 1);
const words = fc.array(fc.array(fc.nat(vocabulary.length - 1), { maxLength: 3 }), { minLength: 1, maxLength: 40 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('add'), room, words, user: fc.nat(1) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('flush', 'save', 'tend', 'crash') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('erase'), room }) },
) as fc.Arbitrary<Step>;

type Kept = Record<string, readonly KeptMessage[]>;

async function allPages(store: ReturnType<typeof storeWith>, roomId: string): Promise<readonly KeptMessage[]> {
  const found: KeptMessage[] = [];
  for (let before: number | undefined; ; before = found[0]?.seq) {
    const page = await store.page(roomId, { before, limit: 7 });
    if (page.length === 0) return found;
    found.unshift(...page);
  }
}

async function allHits(store: ReturnType<typeof storeWith>, query: string, user?: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (let after: Awaited<ReturnType<typeof store.search>>['next'] = null; ; ) {
    const { hits, next } = await store.search({ words: query, user, after: after ?? undefined, limit: 5 });
    found.push(...hits.map(({ roomId, seq }) => `${roomId} ${seq}`));
    if (next === null) return found;
    after = next;
  }
}

const wantedHits = (kept: Kept, word: string, user?: string): readonly string[] =>
  Object.entries(kept)
    .flatMap(([roomId, messages]) => messages.map((each) => ({ roomId, ...each })))
    .filter((each) => each.text.split(' ').includes(word) && (user === undefined || each.user === user))
    .sort((a, b) => b.at - a.at)
    .map(({ roomId, seq }) => `${roomId} ${seq}`);

test('finds and pages through what a list would have, also after crashes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const files = createMemoryFiles();
      let store = storeWith({ files });
      let disk: StoredMessages = store.stored;
      let kept: Kept = {};
      let keptOnDisk: Kept = {};
      let seq = 0;
      for (const next of steps) {
        if (next.kind === 'add') {
          const roomId = rooms[next.room] as string;
          const added = next.words.map((numbers) => {
            seq += 1;
            const text = numbers.map((number) => vocabulary[number]).join(' ');
            return message(seq, text, { user: users[next.user] as string, at: (seq * 7919) % 1000 });
          });
          store.add(roomId, added);
          kept = { ...kept, [roomId]: [...(kept[roomId] ?? []), ...added] };
        } else if (next.kind === 'flush') await store.flush();
        else if (next.kind === 'save') {
          const { changes, stored } = store;
          disk = JSON.parse(JSON.stringify(stored));
          keptOnDisk = kept;
          await store.wasStored(changes);
        } else if (next.kind === 'tend') await store.tend();
        else if (next.kind === 'crash') {
          store = storeWith({ files, stored: disk });
          kept = keptOnDisk;
        } else {
          store.erase(rooms[next.room] as string);
          kept = { ...kept, [rooms[next.room] as string]: [] };
        }
      }
      for (const roomId of rooms) expect(await allPages(store, roomId)).toEqual(kept[roomId] ?? []);
      const [word = '', user] = ['apple', 'bob'];
      // Times repeat: hits of one time have an order of their own.
      expect([...(await allHits(store, word))].sort()).toEqual([...wantedHits(kept, word)].sort());
      expect([...(await allHits(store, word, user))].sort()).toEqual([...wantedHits(kept, word, user)].sort());
      const times = (await store.search({ words: 'ap*', limit: 1000 })).hits.map(({ at }) => at);
      expect(times).toEqual([...times].sort((a, b) => b - a));
    }),
    { numRuns: 60 },
  );
});
