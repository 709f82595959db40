/** What the listener does with a connection at the moments at which the server stops or is busy. */
import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { defaultLimits } from '../../src/limits/limits.ts';
import type { HandshakeTurns } from '../../src/tls/handshake-turns.ts';
import type { Listener, ListenerOptions } from '../../src/tls/listener.ts';
import { testListener } from '../support/test-listener.ts';

const note = (): void => {};

let arrivals: number;
let listener: Listener;
let port: number;

/** Starts a listener that takes each connection without a certificate. */
async function listen(changes: Partial<ListenerOptions>): Promise<void> {
  const arrived = (): void => {
    arrivals += 1;
  };
  ({ listener, port } = await testListener(arrived, changes));
}

/** A clock, and a promise that resolves when the listener reads it, which it does with each connection that it accepts. */
function watchedClock(): { readonly accepted: Promise<void>; readonly clock: () => number } {
  let accept = note;
  const accepted = new Promise<void>((resolve) => {
    accept = resolve;
  });
  const clock = (): number => {
    accept();
    return 0;
  };
  return { accepted, clock };
}

const shakeHands = async (): Promise<void> => {
  const client = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }).on('error', note).resume();
  await once(client, 'close');
};

beforeEach(() => {
  arrivals = 0;
});
afterEach(async () => {
  vi.useRealTimers();
  await listener.close();
});

test('opens no session for a handshake that ends after the server has begun to stop', async () => {
  await listen({});
  await shakeHands();
  expect(arrivals).toBe(1);
  await listener.close();

  const turns = {
    take(start: () => void) {
      start();
      listener.refuse();
    },
  };
  await listen({ turns: turns as HandshakeTurns });
  await shakeHands();
  expect(arrivals).toBe(1);
});

test('ends no connection whose first byte has come while the server did other work', async () => {
  const inTimers = setTimeout;
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const { accepted, clock } = watchedClock();
  const failed: unknown[] = [];
  const log = { debug: note, info: (fields: object) => failed.push(fields), warn: note, error: note };
  await listen({ clock, log });
  const client = connectPlain({ host: '127.0.0.1', port }).on('error', note).resume();
  await Promise.all([once(client, 'connect'), accepted]);
  // Where the event loop calls timers: what has arrived is read after that.
  await new Promise<void>((resolve) => {
    inTimers(() => {
      client.write(Buffer.of(22));
      vi.advanceTimersByTime(defaultLimits.firstByteTimeoutMs);
      setImmediate(resolve);
    }, 0);
  });
  // The rest of the head, of a record that is too long.
  client.write(Buffer.of(3, 1, 255, 255));
  await once(client, 'close');
  await listener.close();
  expect(failed).toMatchObject([{ code: 'no client hello' }]);
});

test('ends a connection that stays silent for longer than the server waits', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const { accepted, clock } = watchedClock();
  await listen({ clock });
  const client = connectPlain({ host: '127.0.0.1', port }).on('error', note).resume();
  await Promise.all([once(client, 'connect'), accepted]);
  vi.advanceTimersByTime(defaultLimits.firstByteTimeoutMs);
  await once(client, 'close');
});

/** Resolves with the first message of a handshake. */
const clientHello = (): Promise<Uint8Array> =>
  new Promise((resolve) => {
    const write = (chunk: Uint8Array, _: unknown, done: () => void): void => {
      resolve(chunk);
      done();
    };
    connect({ socket: new Duplex({ read: note, write }), minVersion: 'TLSv1.3' }).on('error', note);
  });

test('logs a client that leaves during the handshake at level debug, because that is no failure', async () => {
  const lines: string[] = [];
  const keep = (level: string) => (_: object, message: string) => void lines.push(`${level}: ${message}`);
  await listen({ log: { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') } });
  const client = connectPlain({ host: '127.0.0.1', port }).on('error', note);
  client.write(await clientHello());
  await once(client, 'data');
  client.destroy();
  await expect.poll(() => lines, { timeout: 60_000 }).toEqual(['debug: connection closed during the TLS handshake']);
});
