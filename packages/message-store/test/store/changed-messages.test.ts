/** A store with messages that are edited, deleted and reacted to: what it returns, and what is left in its files. */
import { changedBy, createMemoryFiles, type KeptMessage, type StoredMessages } from '@chat/message-store';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { flushed, message, seqsOf, stored, storeWith } from '../support/store.ts';

const said = (seq: number, text: string): KeptMessage => message(seq, text, { hash: `h${seq}` });

/** Changes a message of a store as a client does. */
async function change(
  store: ReturnType<typeof storeWith>,
  target: number,
  what: { readonly kind: 'edited' | 'deleted' | 'reacted'; readonly seq: number; readonly text?: string },
): Promise<void> {
  const found = await store.find('red', target, `h${target}`);
  if (found === null) return;
  const changed = changedBy(found, { at: 1, user: 'alice', keys: [found.fingerprint], text: '', ...what });
  if (changed !== null) store.add('red', [changed]);
}

async function textsOf(files: ReturnType<typeof createMemoryFiles>, state: StoredMessages): Promise<string> {
  let text = JSON.stringify(state.tail);
  for (const name of state.segments) {
    let offset = 0;
    for (let index = 0; offset < name.bytes; index += 1) {
      const bytes = name.bytes - offset;
      text += new TextDecoder().decode(await files.read(name, { index, offset, bytes }).catch(() => new Uint8Array()));
      offset += bytes;
    }
  }
  return text;
}

for (const isWritten of [false, true]) {
  test(`finds an edited text and not the one before, ${isWritten ? 'in files' : 'in memory'}`, async () => {
    const store = storeWith();
    store.add('red', [said(1, 'apple'), said(2, 'pear')]);
    if (isWritten) await flushed(store);
    await change(store, 1, { kind: 'edited', seq: 3, text: 'plum' });
    for (let round = 0; round < 3; round += 1) {
      expect((await store.search({ words: 'apple' })).hits).toEqual([]);
      expect(seqsOf((await store.search({ words: 'plum' })).hits)).toEqual([1]);
      expect((await store.page('red')).map(({ text }) => text)).toEqual(['plum', 'pear']);
      await flushed(store);
      await store.tend();
      await stored(store);
    }
    expect(store.stored.stale).toBeUndefined();
  });
}

test('writes messages to a file when the reactions to them take much space', () => {
  const store = storeWith();
  const reactions = Array.from({ length: 256 }, (_, at) => ({
    ...{ user: `user-${at}`.padEnd(32, '0'), first: 10 + at, seq: 10 + at, text: 'x'.repeat(64) },
  }));
  store.add('red', [{ ...said(1, 'apple'), reactions }]);
  expect(store.isFlushDue).toBe(false);
  store.add('red', [{ ...said(2, 'pear'), reactions }]);
  expect(store.isFlushDue).toBe(true);
});

test('finds an edited message by a word that the text before had too, while both copies are in files', async () => {
  const store = storeWith();
  store.add('red', [said(1, 'apple pie')]);
  await flushed(store);
  await change(store, 1, { kind: 'edited', seq: 3, text: 'apple tart' });
  await flushed(store);
  expect(store.stored.segments).toHaveLength(2);
  expect((await store.search({ words: 'apple' })).hits).toMatchObject([{ seq: 1, text: 'apple tart' }]);
});

test('erases a deleted text from the files for good, and finds the author no more by it', async () => {
  let now = 1_000_000;
  const plain = new Map<string, string>();
  const files = createMemoryFiles();
  const watched = {
    ...files,
    write: async (...[key, blocks]: Parameters<typeof files.write>) => {
      plain.set(key.file, blocks.map((block) => new TextDecoder().decode(block)).join(' '));
      await files.write(key, blocks);
    },
    removeOthers: async (isKept: (file: string) => boolean) => {
      for (const file of plain.keys()) if (!isKept(file)) plain.delete(file);
      await files.removeOthers(isKept);
    },
  };
  const store = storeWith({ files: watched, now: () => now });
  store.add('red', [said(1, 'confidential'), said(2, 'harmless')]);
  await flushed(store);
  await store.tend();
  await change(store, 1, { kind: 'deleted', seq: 3 });
  expect((await store.search({ words: 'confidential' })).hits).toEqual([]);
  expect(seqsOf((await store.search({ words: '', user: 'alice' })).hits)).toEqual([2]);
  expect(JSON.stringify(store.stored)).not.toContain('confidential');
  // Not at once after an erasure: each may write a large file anew.
  await store.tend();
  expect([...plain.values()].join(' ')).toContain('confidential');
  now += 11 * 60 * 1000;
  await flushed(store);
  await store.tend();
  await stored(store);
  expect([...plain.values()].join(' ')).not.toContain('confidential');
  expect(await store.page('red')).toMatchObject([{ seq: 1, text: '', deleted: { by: 'alice' } }, { seq: 2 }]);
});

test('erases when it is finished what an edit has replaced', async () => {
  const files = createMemoryFiles();
  const store = storeWith({ files });
  store.add('red', [said(1, 'confidential')]);
  await flushed(store);
  await store.tend();
  await change(store, 1, { kind: 'edited', seq: 3, text: 'harmless' });
  await store.finish(new Promise(() => undefined));
  expect(store.stored.stale).toBeUndefined();
  expect(await textsOf(files, store.stored)).not.toContain('confidential');
});

test('brings the changes of a second reading to messages that the room has', async () => {
  const store = storeWith();
  store.add('red', [said(1, 'apple'), said(2, 'pear'), said(3, 'fig')]);
  await flushed(store);
  store.add('red', [{ ...said(1, 'plum'), edited: { seq: 4, at: 1 } }, said(2, 'pear')], 'again');
  await store.merge('again', 'red');
  expect((await store.page('red')).map(({ text }) => text)).toEqual(['plum', 'pear', 'fig']);
});

type Step =
  | { readonly kind: 'add' | 'flush' | 'save' | 'tend' | 'crash' }
  | { readonly kind: 'edited' | 'deleted' | 'reacted'; readonly target: number; readonly text: string };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('add' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom<('flush' | 'save' | 'tend' | 'crash')[]>('flush', 'save', 'tend', 'crash'),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom<('edited' | 'deleted' | 'reacted')[]>('edited', 'deleted', 'reacted'),
      target: fc.integer({ min: 1, max: 30 }),
      text: fc.constantFrom('apple', 'pear', 'plum'),
    }),
  },
);

test('does what a list of messages does that are changed in place, whatever is written, tended and crashed in between', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const files = createMemoryFiles();
      let now = 1_000_000;
      let store = storeWith({ files, now: () => now });
      let [disk, onDisk]: [StoredMessages, readonly KeptMessage[]] = [store.stored, []];
      let list: readonly KeptMessage[] = [];
      let seq = 0;
      for (const next of steps) {
        now += 4 * 60 * 1000;
        if (next.kind === 'add') {
          seq += 1;
          const added = said(seq, ['apple', 'pear', 'plum'][seq % 3] as string);
          store.add('red', [added]);
          list = [...list, added];
        } else if (next.kind === 'flush') await store.flush();
        else if (next.kind === 'tend') await store.tend();
        else if (next.kind === 'save') {
          const { changes } = store;
          [disk, onDisk] = [JSON.parse(JSON.stringify(store.stored)), list];
          await store.wasStored(changes);
        } else if (next.kind === 'crash') {
          [store, list] = [storeWith({ files, stored: disk, now: () => now }), onDisk];
        } else if ('target' in next) {
          seq += 1;
          const { kind, target, text } = next;
          await change(store, target, { kind, seq, text });
          list = list.map((each) => {
            const by = { at: 1, user: 'alice', keys: [each.fingerprint], kind, seq, text };
            return each.seq === target ? (changedBy(each, by) ?? each) : each;
          });
        }
      }
      expect(await store.page('red', { limit: 1000 })).toEqual(list);
      for (const word of ['apple', 'pear', 'plum']) {
        const { hits } = await store.search({ words: word, limit: 1000 });
        const wanted = list.filter(({ text }) => text === word).map((each) => each.seq);
        expect([...seqsOf(hits)].sort((a, b) => a - b)).toEqual(wanted);
      }
    }),
    { numRuns: 60 },
  );
});
