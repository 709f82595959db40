/** The outbox decides at once which texts it takes, also while the room has no key. */
import { limits } from '@chat/protocol';
import { thrownCode } from '@chat/testkit';
import { beforeEach, expect, test } from 'vitest';
import { Outbox } from '../../src/room/outbox.ts';
import { type FakeMember, FakeRoom } from '../support/fake-room.ts';

const tooLong = 'x'.repeat(limits.messageTextBytes + 1);

let fakeRoom: FakeRoom;
let alice: FakeMember;
let outbox: Outbox;

beforeEach(async () => {
  fakeRoom = new FakeRoom();
  [alice] = (await fakeRoom.enter('alice', 'bob')) as [FakeMember, FakeMember];
  const room = {
    get state() {
      return alice.state;
    },
    mayAct: true,
    ownMembership: { isRereading: false },
    undelivered: () => expect.unreachable(),
  };
  outbox = new Outbox(alice.context, room, []);
});

/** The chain of the user's own messages is unknown, as after a message that the user cannot read. */
function forgetOwnChain(): void {
  const { [alice.fingerprint]: _, ...authors } = alice.state.authors;
  alice.take({ ...alice.state, authors });
}

test('refuses a text that is too long before the room has a key', () => {
  expect(thrownCode(() => outbox.send(tooLong))).toBe('message-too-long');
  expect(outbox.messages).toEqual([]);
});

test('queues a text while neither the key nor the chain of the user’s messages is known', () => {
  forgetOwnChain();
  void outbox.send('hello');
  expect(outbox.messages.map(({ text }) => text)).toEqual(['hello']);
});

test('refuses a text of a user whose chain is unknown once the room has a key', async () => {
  await fakeRoom.rekey(alice);
  fakeRoom.read(alice);
  forgetOwnChain();
  expect(thrownCode(() => outbox.send('hello'))).toBe('not-a-member');
});
