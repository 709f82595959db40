/** The tables of `models/cases.json` that concern a restored server: server and client decide as they say. */
import { ProtocolError } from '@chat/protocol';
import { beforeEach, expect, test } from 'vitest';
import { comparedLog, LogRecovery } from '../../packages/client/src/room/log-recovery.ts';
import { FakeRoom } from '../../packages/client/test/support/fake-room.ts';
import { RestoredRoom } from '../../packages/server-core/test/support/restored-room.ts';
import { outcomeOf } from '../../packages/server-core/test/support/test-client.ts';
import type { Member } from '../../packages/server-core/test/support/test-server.ts';
import { noHash, viewAt } from '../../packages/server-core/test/support/views.ts';
import { type Case, casesOf, resultOf } from '../support/models/cases.ts';

const forgedSignature = Uint8Array.of(0x30, 6, 2, 1, 1, 2, 1, 1);

/** Returns a room that has lost its entries 4 and 5, or has got another one since. */
async function restored(room: string | undefined) {
  const den = await RestoredRoom.start();
  const [, , third, fourth] = await den.loseTwo();
  if (room === 'gone-on') await den.append(den.alice, den.signedMessage(den.alice, 3, 'bmV3'));
  const carol = await den.at.member('carol');
  return { den, third, fourth, carol };
}

type Restored = Awaited<ReturnType<typeof restored>>;

async function give({ den, third, fourth, carol }: Restored, { giver, after, entry }: Case): Promise<string> {
  const end = den.log.length;
  const afters: Readonly<Record<string, { readonly seq: number; readonly hash: string }>> = {
    end: viewAt(den.id, end),
    earlier: viewAt(den.id, end - 1),
    beyond: { seq: end + 2, hash: noHash },
    contradicted: { seq: end, hash: noHash },
  };
  const forged = { ...fourth, entry: { ...fourth.entry, signature: forgedSignature } };
  const entries = { next: [fourth], forged: [forged], repeated: [third], nothing: [] }[entry ?? ''] ?? [];
  const by: Member = giver === 'member' ? den.alice : carol;
  const outcome = await outcomeOf(den.give(by, afters[after ?? ''] ?? viewAt(den.id, 0), entries));
  if (outcome !== 'ok') return outcome;
  return den.log.length > end ? 'appended' : 'ignored';
}

test.each(['as-restored', 'gone-on'])('what a restored server takes back: %s', async (room) => {
  let at = await restored(room);
  for (const given of casesOf('restore')) {
    if (given['room'] !== room) continue;
    const result = { restored: await give(at, given) };
    expect({ ...given, ...result }).toEqual({ ...given, ...resultOf('restore', given) });
    if (result.restored !== 'appended') continue;
    await at.den[Symbol.asyncDispose]();
    at = await restored(room);
  }
  await at.den[Symbol.asyncDispose]();
});

test('how a client begins to read', () => {
  const own = { seq: 5, hash: 'a'.repeat(64) };
  const begins = { same: 'reads', shorter: 'gives-back', other: 'stops' };
  for (const given of casesOf('begin')) {
    const hashes: Readonly<Record<string, string | null>> = { own: own.hash, other: noHash, unknown: null };
    const answer = { head: given['end'] === 'own' ? 6 : 4, hash: hashes[given['hash'] ?? ''] ?? null };
    expect({ ...given, begins: begins[comparedLog(own, answer)] }).toEqual({ ...given, ...resultOf('begin', given) });
  }
});

const hashAt = (seq: number): string => seq.toString(16).padStart(64, '0');
const end = 3;

/** A member who has read and kept three entries, of which the server has the first. */
async function keeper() {
  const fakeRoom = new FakeRoom();
  const [alice] = await fakeRoom.enter('alice');
  const [entry] = fakeRoom.log;
  if (alice === undefined || entry === undefined) throw new Error('no room');
  const { roomId, roomName, state } = alice.room;
  const kept = [1, 2, end].map((seq) => ({ seq, at: 0, entry, logHash: hashAt(seq) }));
  alice.context.archive.keep(roomId, kept);
  const skip = () => {};
  const connection = () => () => true;
  const log = { blocked: false, stopped: false, whenRead: skip, ignore: skip, listen: skip, connection };
  const room = { roomId, roomName, state: { ...state, head: { seq: end, hash: hashAt(end) } }, log };
  const actions = { conditions: { check: () => {} }, subscribe: async () => {}, disconnected: () => {} };
  return { recovery: new LogRecovery(alice.context, { ...room, ...actions }), server: fakeRoom.server };
}

let held: Awaited<ReturnType<typeof keeper>>;
beforeEach(async () => {
  held = await keeper();
});

test.each(casesOf('give'))('what a client that gives back does after $answer', async ({ answer = '' }) => {
  const { recovery, server } = held;
  const answers: Readonly<Record<string, { readonly head: number; readonly hash: string }>> = {
    reached: { head: end, hash: hashAt(end) },
    'reached-other': { head: end, hash: noHash },
    progress: { head: 2, hash: hashAt(2) },
    'no-progress': { head: 1, hash: hashAt(1) },
    'short-other': { head: 2, hash: noHash },
  };
  const first = answers[answer];
  let asked = 0;
  server.answers['restore-entries'] = () => {
    asked += 1;
    if (first === undefined) throw new ProtocolError(answer as ProtocolError['code'], 'refused');
    return answer === 'progress' && asked > 1 ? { head: end, hash: hashAt(end) } : first;
  };
  const outcome = await recovery.recover(1);
  const goes = {
    ...{ recovered: asked > 1 ? 'on' : 'recovered', lacking: 'lacking', 'other-log': 'stops' },
    'awaiting-author': 'lacking',
  }[outcome];
  expect({ goes }).toEqual(resultOf('give', { answer }));
});
