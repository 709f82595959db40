/** The bounds of one guest of a holder. */
import type { Socket } from 'node:net';
import type { ChatClient } from '@chat/client';
import { expect, test } from 'vitest';
import { Guest } from '../../../src/node/shared/holder/guests.ts';
import { fakeClient, linked, listening } from '../../support/fake-holder.ts';

/** A socket of which nothing leaves until the test says so. */
class StuckSocket {
  destroyed = false;
  writableEnded = false;
  writableLength = 0;
  isPaused = false;
  #drained: () => void = () => undefined;

  write(line: string): boolean {
    this.writableLength += line.length;
    return false;
  }

  once(): this {
    return this;
  }

  on(event: string, listener: () => void): this {
    if (event === 'drain') this.#drained = listener;
    return this;
  }

  drain(): void {
    this.writableLength = 0;
    this.#drained();
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  destroy(): void {
    this.destroyed = true;
  }
}

function guestOf(socket: StuckSocket): Guest {
  return new Guest(socket as unknown as Socket);
}

const mebibytes = (count: number): string => 'x'.repeat(count * 1024 * 1024);

test('no more than 32 MiB wait for a guest, beside the longest line, which may be longer', () => {
  const socket = new StuckSocket();
  const guest = guestOf(socket);
  for (let round = 0; round < 2; round++) {
    guest.write(mebibytes(40));
    guest.write(mebibytes(31));
    expect([socket.destroyed, socket.writableLength]).toEqual([false, 71 * 1024 * 1024]);
    socket.drain();
  }
  for (const count of [20, 20, 20]) guest.write(mebibytes(count));
  expect(socket.destroyed).toBe(false);
  guest.write('more');
  expect(socket.destroyed).toBe(true);
});

test('nothing is read from a guest of which 4,096 calls are not answered', async () => {
  const socket = new StuckSocket();
  const guest = guestOf(socket);
  const answers: (() => void)[] = [];
  const calls = Array.from({ length: 4_100 }, () => guest.during(new Promise<void>((answer) => answers.push(answer))));
  expect(socket.isPaused).toBe(true);
  for (const answer of answers.slice(0, 4)) answer();
  await Promise.all(calls.slice(0, 4));
  expect(socket.isPaused).toBe(true);
  answers[4]?.();
  await calls[4];
  expect(socket.isPaused).toBe(false);
  for (const answer of answers.slice(5)) answer();
  await Promise.all(calls);
  expect(socket.isPaused).toBe(false);
});

test('gives a guest an answer that is longer than what may wait, and ends no connection for a call that is too long', async () => {
  const { path, holder } = await listening();
  const listRooms = async () => Array.from({ length: 40 }, () => mebibytes(1));
  holder.serve(fakeClient([], { listRooms } as unknown as Partial<ChatClient>).connection);
  const { link } = await linked(path);
  await expect(link.call('joinRoom', [mebibytes(3)])).rejects.toThrow('too long');
  expect(await link.call('listRooms', [])).toHaveLength(40);
  expect(await link.call('listRooms', [])).toHaveLength(40);
  expect(link.hasEnded).toBe(false);
});
