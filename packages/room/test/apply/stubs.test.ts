/** Stubs that come together are judged like stubs that come one after another. */
import { type LoggedStubs, limits, stubsFrom } from '@chat/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyBacklog, composeJoin, emptyRoom, type LogItem, type RoomState } from '../../src/index.ts';
import { crypto, Log, Person, stubOf, three } from '../support/people.ts';

const me = '1'.repeat(64);
const room = '0'.repeat(64);

/** Returns stubs of messages that no user has. */
const stubs = (seq: number, count: number): LoggedStubs => ({
  seq,
  hashes: Uint8Array.from({ length: 32 * count }, (_, index) => (seq * 31 + index) % 251),
});

/** Returns the same stubs, each for itself. */
function split({ seq, hashes }: LoggedStubs): LoggedStubs[] {
  return Array.from({ length: hashes.length / 32 }, (_, index) => ({
    seq: seq + index,
    hashes: hashes.subarray(32 * index, 32 * (index + 1)),
  }));
}

function read(start: RoomState, items: readonly LogItem[]) {
  const { state, events, stopped } = applyBacklog(start, items, crypto);
  return { state, events, stopped };
}

/** What was read, with the log hashes as they are stored. */
const outline = (result: ReturnType<typeof read>) => JSON.parse(JSON.stringify(result));

describe('stubs that come together', () => {
  test('lead to the log hashes of single ones, as many as author views are compared with', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 1, maxLength: 4 }), (counts) => {
        let seq = 1;
        const runs = counts.map((count) => {
          seq += count;
          return stubs(seq - count, count);
        });
        const start = emptyRoom(room, me, { since: 10_000 });
        const together = read(start, runs);
        const singly = read(start, runs.flatMap(split));
        expect(outline(together)).toEqual(outline(singly));
        expect(together.state.head.seq).toBe(seq - 1);
        expect(together.state.recentHashes.length).toBe(Math.min(seq - 1, limits.messageViewEntries + 1));
        for (const behind of [0, 1, 700, 2_000, limits.messageViewEntries]) {
          const hash = singly.state.recentHashes.before(behind);
          expect(together.state.recentHashes.before(behind)).toBe(hash);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('are all reported in place of messages that the user may read', () => {
    const { bob, log } = three();
    const withheld = stubs(log.entries.length + 1, 3);
    const together = read(bob.state, [withheld]);
    expect(outline(together)).toEqual(outline(read(bob.state, split(withheld))));
    expect(together.events.map((event) => [event.kind, event.seq])).toEqual(
      [1, 2, 3].map((more) => ['violation', log.entries.length + more]),
    );
  });

  test('reach a position that was read in part, and stop at a gap before them', () => {
    const start = emptyRoom(room, me, { since: 10_000 });
    const run = stubs(1, 10);
    const half = read(start, [{ seq: 1, hashes: run.hashes.subarray(0, 32 * 4) }]);
    expect(outline(read(half.state, [run]))).toEqual(outline(read(start, [run])));
    const again = read(half.state, [{ seq: 1, hashes: run.hashes.subarray(0, 32 * 4) }]);
    expect(again.state).toBe(half.state);
    const later = stubsFrom(run, 6);
    if (later === null) throw new Error('the run ends');
    const skipped = read(half.state, [later]);
    expect(skipped.state).toBe(half.state);
    expect(skipped.stopped).toBe(true);
    expect(skipped.events).toMatchObject([{ kind: 'violation', code: 'out-of-order', seq: 6 }]);
  });

  test('with one wrong hash lead to another log: the next author view is a fork', () => {
    const alice = new Person('alice');
    const log = new Log(alice);
    const messages = ['1', '2', '3'].map((text) => log.say(alice, text));
    const since = log.entries.length;
    const carol = new Person('carol');
    log.known.add(carol);
    log.append(composeJoin(carol.author, log.roomId, since));
    log.rekey(alice);
    const read = (hashes: Uint8Array) => {
      const [first, ...others] = messages.map(({ seq }) => seq);
      expect(others).toHaveLength(2);
      const sent = log.entries.filter(({ seq }) => !messages.some((message) => message.seq === seq));
      const items = [...sent.slice(0, 2), { seq: first ?? 0, hashes }, ...sent.slice(2)];
      const start = emptyRoom(log.roomId, carol.signer.fingerprint, { since });
      return applyBacklog(start, items, crypto).events.flatMap((event) =>
        event.kind === 'violation' ? [event.code] : [],
      );
    };
    const hashes = Buffer.concat(messages.map((message) => stubOf(message).hashes));
    expect(read(hashes)).toEqual([]);
    expect(read(hashes.map((byte, index) => (index === 40 ? byte ^ 1 : byte)))).toEqual(['fork']);
  });
});
