/** Messages that a program sends while one program after the other has its profile, and ends before it has answered. */
import type { ChatClient } from '@chat/client';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SendOptions } from '../../../src/messages/saying.ts';
import type { SharedClient } from '../../../src/node/index.ts';
import type { Holder } from '../../../src/node/shared/holder/holder.ts';
import { end, opened, own, Places, serving } from '../../support/places.ts';

interface Message {
  readonly cid: string;
  readonly text: string;
}

/** What is on the disk, and on the log: it stays when a program ends. */
class StoredMessages {
  readonly waiting: Message[] = [];
  readonly log: Message[] = [];
}

/** A client that delivers a message when a test wants it. */
class DeliveringClient {
  readonly #stored: StoredMessages;
  readonly #senders = new Map<string, (place: { readonly seq: number }) => void>();
  readonly methods: Partial<ChatClient>;

  constructor(stored: StoredMessages) {
    this.#stored = stored;
    const send = async (_roomName: string, text: string, { cid = `own ${text}` }: SendOptions = {}) => {
      const seq = stored.log.findIndex((message) => message.cid === cid);
      if (seq !== -1) return { seq };
      if (!stored.waiting.some((message) => message.cid === cid)) stored.waiting.push({ cid, text });
      return new Promise<{ readonly seq: number }>((resolve) => this.#senders.set(cid, resolve));
    };
    this.methods = { send, listRooms: async () => [] };
  }

  deliver(count: number): void {
    for (const message of this.#stored.waiting.splice(0, count)) {
      this.#stored.log.push(message);
      this.#senders.get(message.cid)?.({ seq: this.#stored.log.length });
    }
  }
}

/** The time of one program: messages are sent, some are delivered, and some are delivered without an answer. */
const term = fc.record({ sent: fc.nat(4), answered: fc.nat(4), unanswered: fc.nat(4) });

test('each is delivered once, in its order, and is answered in the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(term, { maxLength: 4 }), async (terms) => {
      const stored = new StoredMessages();
      const places = new Places();
      const answers: Promise<unknown>[] = [];
      const texts: string[] = [];
      let holder: Holder | null = null;
      let client: SharedClient | null = null;
      for (const { sent, answered, unanswered } of terms) {
        const delivering = new DeliveringClient(stored);
        const next = await serving([], delivering.methods);
        places.add(next.path);
        client ??= (await opened(places)).client;
        if (holder !== null) end(holder);
        holder = next.holder;
        for (let count = 0; count < sent; count++) {
          texts.push(`message ${texts.length}`);
          answers.push(client.send('lobby', texts.at(-1) ?? ''));
        }
        // All calls before it are there.
        await client.listRooms();
        delivering.deliver(answered);
        await client.listRooms();
        holder.stop();
        delivering.deliver(unanswered);
      }
      const last = new DeliveringClient(stored);
      places.add(own([], last.methods));
      client ??= (await opened(places)).client;
      if (holder !== null) end(holder);
      await client.listRooms();
      last.deliver(texts.length);
      await Promise.all(answers);
      expect(stored.log.map(({ text }) => text)).toEqual(texts);
      await client.close();
    }),
    { numRuns: 30 },
  );
});
