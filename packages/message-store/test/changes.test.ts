/** Changes of messages: which ones count, and that copies with different changes end as one message in any order. */
import { changedBy, type KeptMessage, type MessageChange, maxReactions } from '@chat/message-store';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joined } from '../src/changes.ts';
import { message } from './support/store.ts';

const [alice, bob] = ['a'.repeat(64), 'b'.repeat(64)];
const original: KeptMessage = message(1, 'first', { hash: 'h1', fingerprint: alice });

const change = (seq: number, kind: MessageChange['kind'], others: Partial<MessageChange> = {}): MessageChange => ({
  ...{ seq, kind, at: seq, user: 'alice', keys: [alice], text: '' },
  ...others,
});

/** Returns a message after those of the changes that count. */
const after = (changes: readonly MessageChange[], start: KeptMessage = original): KeptMessage =>
  changes.reduce((changed, each) => changedBy(changed, each) ?? changed, start);

describe('a change', () => {
  test('edits or deletes only what has the same author, under any key of that author', () => {
    for (const kind of ['edited', 'deleted'] as const) {
      expect(changedBy(original, change(2, kind, { user: 'bob', keys: [bob], text: 'x' }))).toBeNull();
      expect(changedBy(original, change(2, kind, { keys: [bob, alice], text: 'x' }))).not.toBeNull();
    }
  });

  test('of a moderator hides what others have written, and counts for no more than a deletion', () => {
    const hidden = after([change(2, 'hidden', { user: 'bob', keys: [bob] })]);
    expect(hidden).toMatchObject({ text: '', deleted: { seq: 2, by: 'bob' } });
  });

  test('of a deleted message counts for nothing, and nothing is left of what it was', () => {
    const reply = { ...original, replyTo: { seq: 1, hash: 'h0' } };
    const gone = after([change(2, 'reacted', { user: 'bob', text: 'ok' }), change(3, 'deleted')], reply);
    expect(gone).toEqual({ ...original, text: '', deleted: { seq: 3, at: 3, by: 'alice' } });
    for (const kind of ['edited', 'deleted', 'reacted', 'hidden'] as const) {
      expect(changedBy(gone, change(4, kind, { text: 'again' }))).toBeNull();
    }
  });

  test('before its message, or an edit of what only a later version can show, counts for nothing', () => {
    expect(changedBy(original, change(1, 'deleted'))).toBeNull();
    const newer = { ...original, newer: { number: 9, body: 'AA' } };
    expect(changedBy(newer, change(2, 'edited', { text: 'x' }))).toBeNull();
    expect(changedBy(newer, change(2, 'deleted'))).not.toHaveProperty('newer');
  });

  test('is one reaction of each user, and those of a bounded number of users', () => {
    const once = after([change(2, 'reacted', { text: 'a' }), change(3, 'reacted', { text: 'b' })]);
    expect(once.reactions).toEqual([{ user: 'alice', first: 2, seq: 3, text: 'b' }]);
    expect(changedBy(once, change(4, 'reacted', { text: 'b' }))).toBeNull();
    expect(changedBy(original, change(4, 'reacted'))).toBeNull();
    const many = Array.from({ length: maxReactions + 1 }, (_, n) =>
      change(n + 2, 'reacted', { user: `u${n}`, text: 'x' }),
    );
    expect(after(many).reactions).toHaveLength(maxReactions);
    expect(changedBy(after(many), change(999, 'reacted', { user: 'u0' }))?.reactions?.[0]?.text).toBe('');
  });
});

const changes = fc
  .array(
    fc.record({
      kind: fc.constantFrom<MessageChange['kind'][]>('edited', 'reacted', 'reacted', 'deleted', 'hidden'),
      user: fc.constantFrom('alice', 'bob', 'carol'),
      text: fc.constantFrom('', 'x', 'y'),
    }),
    { maxLength: 12 },
  )
  .map((each) =>
    each.map(({ kind, user, text }, index) =>
      change(index + 2, kind, {
        user,
        keys: [user === 'alice' ? alice : bob],
        text: kind === 'edited' ? `${text}.` : text,
      }),
    ),
  );

test('copies that were read up to different positions are joined to the one that was read the furthest, in any order', () => {
  fc.assert(
    fc.property(changes, fc.array(fc.nat(12), { maxLength: 6 }), (all, lengths) => {
      const whole = after(all);
      const copies = lengths.map((length) => after(all.slice(0, length)));
      expect([...copies, whole].reduce(joined)).toEqual(whole);
      expect([whole, ...copies].reduce(joined)).toEqual(whole);
    }),
  );
});
