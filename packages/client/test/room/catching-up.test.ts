/** Catching up: how many signature checks it takes, and that the client yields between its parts. */
import { limits } from '@chat/protocol';
import { createRoomCrypto, type RoomCrypto } from '@chat/room';
import { onlyInFullRun } from '@chat/testkit';
import { expect, test } from 'vitest';
import { ChatClient } from '../../src/index.ts';
import { systemScheduler } from '../../src/node/scheduler.ts';
import { emptyStored } from '../../src/storage/stored-state.ts';
import { isKind, isRoomEvent } from '../support/events.ts';
import { type FakeMember, FakeRoom } from '../support/fake-room.ts';
import { fakeTransport } from '../support/fake-transport.ts';
import { authority } from '../support/isolated-client.ts';
import { watch } from '../support/test-network.ts';

/** Cryptography that counts its operations, in total and since the last turn of the event loop. */
class Effort {
  checks = 0;
  decryptions = 0;
  turns = 0;
  longest = 0;
  #inTurn = 0;
  readonly crypto: RoomCrypto;

  constructor() {
    const crypto = createRoomCrypto();
    this.crypto = {
      ...crypto,
      verify: (...signed) => {
        this.checks += 1;
        this.#work();
        return crypto.verify(...signed);
      },
      // Made elsewhere: no work of this thread.
      verifyAsync: async (signed) => {
        this.checks += 1;
        return (await crypto.verifyAsync?.(signed)) ?? false;
      },
      decrypt: (...sealed) => {
        this.decryptions += 1;
        this.#work();
        return crypto.decrypt(...sealed);
      },
    };
  }

  /** Counts the turns. All delays are long, so that nothing depends on the speed of the machine. */
  readonly scheduler = {
    ...systemScheduler,
    after: (ms: number, action: () => void) => {
      this.turns += 1;
      this.#inTurn = 0;
      return systemScheduler.after(20 * ms, action);
    },
  };

  #work(): void {
    this.#inTurn += 1;
    this.longest = Math.max(this.longest, this.#inTurn);
  }
}

/** Connects a client that was away since before the first of these messages. */
async function catchUp(messages: number, authors: number) {
  const fakeRoom = new FakeRoom();
  const entered = await fakeRoom.enter('carol', ...Array.from({ length: authors }, (_, index) => `author${index}`));
  const [carol, alice, ...others] = entered as [FakeMember, FakeMember, ...FakeMember[]];
  await fakeRoom.rekey(carol);
  for (const member of entered) fakeRoom.read(member);
  const { state } = carol;
  await fakeRoom.chat(alice, [alice, ...others], messages);

  const effort = new Effort();
  const client = new ChatClient({
    user: 'carol',
    signer: carol.signer,
    crypto: effort.crypto,
    scheduler: effort.scheduler,
    transport: fakeTransport(fakeRoom, carol),
    authority,
    vault: { save: async () => {}, close: async () => {} },
    stored: {
      ...emptyStored,
      certified: { tls: { privateKey: '', certificate: '' }, chatPort: 1 },
      prekeys: carol.ring.stored,
      links: carol.links.toJSON(),
      rooms: { [state.room]: { name: 'lobby', state, outbox: [] } },
    },
  });
  const watched = watch(client);
  await client.connect();
  await watched.event(isKind('caught-up'));
  await client.close();
  const violations = watched.events.filter(isRoomEvent('violation'));
  return { effort, read: watched.texts('lobby'), violations };
}

async function expectLittleWork(messages: number): Promise<void> {
  const { effort, read, violations } = await catchUp(messages, 20);
  expect([read.length, read[0], read.at(-1)]).toEqual([messages, 'message 1', `message ${messages}`]);
  expect(violations).toEqual([]);
  expect(effort.decryptions).toBe(messages);
  // At least one check for each author: the client believes nothing without a signature.
  expect(effort.checks).toBeGreaterThanOrEqual(20);
  // A new key ends the run of every author.
  const newKeys = Math.ceil(messages / limits.freshKeyEntries) - 1;
  expect(effort.checks).toBeLessThanOrEqual(messages / 20 + 20 * newKeys);
  // About 10 ms of work in each part, and the signature of a new key between two of its messages.
  expect(effort.longest).toBeLessThanOrEqual(256 + Math.min(newKeys, 1));
  expect(effort.turns).toBeGreaterThanOrEqual(messages / 256);
}

test('checks one signature for twenty of 1,000 messages by 20 authors, and yields between parts', async () => {
  await expectLittleWork(1_000);
});

onlyInFullRun('catching up on 10,000 messages')('in the full run', () => {
  test('checks one signature for twenty of 10,000 messages, and yields between parts', async () => {
    await expectLittleWork(10_000);
  });
});
