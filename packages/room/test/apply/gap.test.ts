/** Entries that the server no longer has: no member is accused, and all log hashes stay the same. */
import { entryHash } from '@chat/protocol';
import { describe, expect, test } from 'vitest';
import { EventList } from '../../src/apply/gap.ts';
import { applyBacklog, applyEntry, countOwnMessage, emptyRoom, type LogItem } from '../../src/index.ts';
import { crypto, three } from '../support/people.ts';

const cause = 'damaged' as const;

/** Alice has said three things; Bob reads them, the second one as a gap. */
function gapped() {
  const { alice, bob, log } = three();
  log.people.splice(log.people.indexOf(bob), 1);
  const [one, two, three_] = ['one', 'two', 'three'].map((text) => log.say(alice, text));
  if (!one || !two || !three_) throw new Error();
  const hash = entryHash(two.entry);
  const items: LogItem[] = [one, { seq: two.seq, hash, type: 'message', cause }, three_];
  return { alice, bob, log, items, hash, seq: two.seq };
}

describe('a missing message', () => {
  test('is reported as the server’s, accuses no author, and leaves the log hash right', () => {
    for (const read of ['one by one', 'together'] as const) {
      const { alice, bob, items, hash, seq } = gapped();
      if (read === 'together') bob.take(applyBacklog(bob.state, items, crypto));
      else for (const item of items) bob.take(applyEntry(bob.state, item, crypto));
      expect(bob.texts).toEqual(['one', 'three']);
      expect(bob.violations).toEqual([]);
      expect(bob.events.filter(({ kind }) => kind === 'gap')).toEqual([
        { kind: 'gap', seq, hashes: [hash], cause, stops: false },
      ]);
      expect(bob.state.head).toEqual(alice.state.head);
    }
  });

  test('with another hash than the entry’s is a fork to the next reader', () => {
    const { alice, bob, log, items } = gapped();
    const [one, , next] = items;
    const lie: LogItem = { seq: (one?.seq ?? 0) + 1, hash: '0'.repeat(64), type: 'message', cause };
    bob.take(applyBacklog(bob.state, [one as LogItem, lie, next as LogItem], crypto));
    bob.take(applyEntry(bob.state, log.say(alice, 'four'), crypto));
    expect(bob.violations).toContain('fork');
  });

  test('of the reader keeps the reader’s own chain', () => {
    const { alice, bob, log, items } = gapped();
    const [one, gap, next] = items as [LogItem, LogItem, LogItem];
    for (const item of [one, gap, next]) bob.take(applyEntry(bob.state, item, crypto));
    log.people.push(bob);
    const said = log.say(bob, 'first');
    log.people.splice(log.people.indexOf(bob), 1);
    const second = log.say(bob, 'second').entry;
    const lost: LogItem = { seq: said.seq + 1, hash: entryHash(second), type: 'message', cause };
    bob.take(applyEntry(bob.state, lost, crypto));
    bob.take({ state: countOwnMessage(bob.state, entryHash(second)), events: [] });
    log.say(bob, 'third');
    expect(alice.violations).toEqual([]);
    expect(alice.texts.slice(-3)).toEqual(['first', 'second', 'third']);
  });

  test('is joined to the one before it in one report', () => {
    const { bob, items, seq } = gapped();
    const [one, gap] = items as [LogItem, LogItem];
    const also: LogItem = { seq: seq + 1, hash: '1'.repeat(64), type: 'message', cause };
    bob.take(applyBacklog(bob.state, [one, gap, also], crypto));
    expect(bob.events.flatMap((event) => (event.kind === 'gap' ? [event.hashes.length] : []))).toEqual([2]);
  });

  test('from before the member may read is no report', () => {
    const { alice, bob, log } = three();
    const fresh = emptyRoom(log.roomId, bob.signer.fingerprint, { since: 1_000 });
    const said = log.say(alice, 'before');
    const start = {
      ...fresh,
      head: { seq: said.seq - 1, hash: fresh.head.hash },
      name: 'den',
      policy: bob.state.policy,
    };
    const gap: LogItem = { seq: said.seq, hash: entryHash(said.entry), type: 'message', cause };
    expect(applyEntry(start, gap, crypto).events).toEqual([]);
  });
});

describe('a missing entry of another type', () => {
  test('stops the reading, because what it changed is unknown', () => {
    const { bob, items, seq, hash } = gapped();
    const [one, , next] = items as [LogItem, LogItem, LogItem];
    for (const lost of [
      { seq, hash, type: 'remove', cause },
      { seq, hash: null, type: null, cause },
    ] as const) {
      const applied = applyBacklog(bob.state, [one, lost, next], crypto);
      expect(applied).toMatchObject({ taken: 2, stopped: true, state: { head: { seq: seq - 1 } } });
      expect(applied.events.at(-1)).toEqual({ kind: 'gap', seq, hashes: [], cause, stops: true });
    }
  });

  test('is never one that a server may have deleted', () => {
    const { bob, seq, hash, items } = gapped();
    bob.take(applyBacklog(bob.state, items.slice(0, 1), crypto));
    const lost: LogItem = { seq, hash, type: 'remove', cause: 'expired' };
    expect(applyEntry(bob.state, lost, crypto).events).toMatchObject([{ kind: 'violation', code: 'withheld', seq }]);
  });
});

test('gaps that follow each other are one event, and the events that were added stay as they were', () => {
  const gap = (seq: number, hashes: string[]) => ({ kind: 'gap', seq, hashes, cause, stops: false }) as const;
  const added = [gap(1, ['a']), gap(2, ['b', 'c']), gap(5, ['e']), gap(6, ['f'])];
  const list = new EventList();
  for (const event of added) list.add([event]);
  list.add([{ ...gap(7, []), stops: true }]);
  expect(list.events).toEqual([gap(1, ['a', 'b', 'c']), gap(5, ['e', 'f']), { ...gap(7, []), stops: true }]);
  expect(added).toEqual([gap(1, ['a']), gap(2, ['b', 'c']), gap(5, ['e']), gap(6, ['f'])]);
});
