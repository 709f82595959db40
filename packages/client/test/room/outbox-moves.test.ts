/** The outbox of a room that the user leaves for another one takes its messages there. */
import { ProtocolError } from '@chat/protocol';
import { rejectedCode } from '@chat/testkit';
import { beforeEach, expect, test } from 'vitest';
import { Outbox } from '../../src/room/outbox/outbox.ts';
import { type FakeMember, FakeRoom } from '../support/fake-room.ts';

let alice: FakeMember;

beforeEach(async () => {
  [alice] = (await new FakeRoom().enter('alice', 'bob')) as [FakeMember, FakeMember];
});

const hashOf = (seq: number) => String(seq).padStart(64, '0');

/** A message of Alice that is on the log. */
const said = (seq: number, text: string) => ({
  ...{ seq, text, hash: hashOf(seq), user: 'alice', fingerprint: alice.fingerprint, at: 0 },
});

/** A room in which the user does not act. */
const still = () => ({
  get state() {
    return alice.state;
  },
  mayAct: false,
  ownMembership: { isRereading: false },
  review: () => undefined,
  undelivered: () => expect.unreachable(),
});

test('takes a message that is sent again for the same one after it has moved on to another room, where it waits or is said again', async () => {
  const [waits, isSaid] = ['ab'.repeat(16), 'cd'.repeat(16)];
  const delivered = [{ givenId: isSaid, seq: 7 }];
  const left = new Outbox(alice.context, still(), { outbox: [], delivered });
  const other = new Outbox(alice.context, still(), { outbox: [] });
  const first = left.send('waits', { cid: waits });
  left.moveTo(other, [said(1, 'is said again')]);
  expect(other.messages.map(({ text }) => text)).toEqual(['is said again', 'waits']);
  // For the server, it is a request of its own.
  expect(other.messages[1]?.cid).not.toBe(waits);
  expect([waits, isSaid, 'ef'.repeat(16)].map((cid) => other.knows(cid))).toEqual([true, true, false]);
  expect(left.knows(waits)).toBe(false);

  const [repeated, moved] = other.messages.map((message, index) => ({ ...message, hashes: [`hash ${index}`] }));
  const restarted = new Outbox(alice.context, still(), {
    ...other.stored,
    outbox: [repeated, moved].flatMap((each) => each ?? []),
  });
  const again = restarted.send('waits', { cid: waits });
  expect(await restarted.send('is said again', { cid: isSaid })).toEqual({ seq: 7 });
  expect(restarted.messages).toHaveLength(2);
  restarted.delivered('hash 1', 9);
  expect(await again).toEqual({ seq: 9 });
  expect(await restarted.send('waits', { cid: waits })).toEqual({ seq: 9 });
  other.abandon(new ProtocolError('failed', 'The client was closed.'));
  expect(await rejectedCode(first)).toBe('failed');
});

test('says again in another room what was answered, edited and done, and nothing that was deleted or refers to the room that is left', async () => {
  const left = new Outbox(alice.context, still(), { outbox: [] });
  const other = new Outbox(alice.context, still(), { outbox: [] });
  const about = (seq: number) => ({ target: { seq, hash: hashOf(seq) } });
  const spent = [
    left.send({ kind: 'edit', text: 'edited', ...about(1) }),
    left.send({ kind: 'delete', ...about(2) }),
    left.send({ kind: 'reaction', text: 'ok', ...about(3) }),
  ].map((sent) => rejectedCode(sent));
  void left.send({ kind: 'reply', text: 'an answer', ...about(3) }).catch(() => undefined);
  void left.send({ kind: 'action', text: 'waves' }).catch(() => undefined);
  left.moveTo(other, [said(1, 'first'), said(2, 'deleted'), { ...said(3, 'does'), action: true }]);
  expect(await Promise.all(spent)).toEqual(spent.map(() => 'conversation-moved'));
  expect(other.messages.map(({ text, body }) => [text, body?.kind])).toEqual([
    ['edited', undefined],
    ['does', 'action'],
    ['an answer', undefined],
    ['waves', 'action'],
  ]);
  expect(left.messages).toEqual([]);
  other.abandon(new ProtocolError('failed', 'The client was closed.'));
});
