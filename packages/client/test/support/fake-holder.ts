/** Holders whose client only shows and reports what a test wants, and guests of them. */
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import type { ChatClient, ClientEvent, ClientListener, RoomView } from '@chat/client';
import { temporaryFolder } from '@chat/testkit';
import { onTestFinished } from 'vitest';
import { defaultAttention } from '../../src/attention/settings.ts';
import { GuestLink, type GuestLinkOptions } from '../../src/node/shared/guest-link.ts';
import { Holder } from '../../src/node/shared/holder/holder.ts';
import { WantedConnection } from '../../src/node/shared/holder/wanted-connection.ts';
import type { Progress } from '../../src/node/shared/local-messages.ts';
import { proofOf } from '../../src/node/shared/local-proof.ts';
import { Mirror } from '../../src/node/shared/mirror.ts';

/** The key of the proofs. */
export const key = new Uint8Array(32).fill(7);

/** Returns an event. */
export const trouble = (reason: string): ClientEvent => ({ kind: 'trouble', code: 'test', reason });

/** Returns a room whose latest message is at a position. */
export const roomAt = (roomName: string, seq: number) =>
  ({
    roomId: `id of ${roomName}`,
    roomName,
    members: [],
    invited: [],
    latest: { seq, at: seq },
  }) as unknown as RoomView;

/** Returns the event of a message in that room. */
export const messageAt = (roomName: string, seq: number): ClientEvent => {
  const event = { kind: 'message', seq, text: `${roomName} ${seq}` };
  return { kind: 'room', roomId: `id of ${roomName}`, roomName, event, live: true } as unknown as ClientEvent;
};

/** A client, and a way to let it report something. */
export function fakeClient(rooms: readonly RoomView[] = [], more: Partial<ChatClient> = {}) {
  const listeners = new Set<ClientListener>();
  const client = {
    ...{ user: 'alice', fingerprint: 'a1'.repeat(32), online: true, refusal: null, isRenewingKey: false },
    messages: { areDamaged: false },
    attention: { settings: defaultAttention },
    subscribe: (listener: ClientListener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    rooms: () => rooms,
    room: (roomName: string) => rooms.find((room) => room.roomName === roomName) ?? null,
    knownUsers: () => [],
    changedIdentities: () => [],
    listRooms: async () => [{ name: 'lobby' }],
    close: async () => undefined,
    ...more,
  } as unknown as ChatClient;
  const report = (event: ClientEvent) => {
    for (const listener of listeners) listener(event);
  };
  return { client, report, connection: new WantedConnection(client) };
}

/** Lets a holder listen, at a socket of its own. It ends with the test. */
export async function listening(askedForKey: () => Promise<Uint8Array> = async () => key) {
  const path = join(temporaryFolder().path, 'programs.sock');
  const holder = await Holder.listen(path, askedForKey);
  onTestFinished(() => {
    holder.stop();
    holder.end();
  });
  return { path, holder };
}

/** The options of a link that nothing ends, and what it reports. */
export function linkOptions(path: string, resumes: Progress | null = null) {
  const events: ClientEvent[] = [];
  const silences: boolean[] = [];
  const missed: boolean[] = [];
  const options: GuestLinkOptions = {
    ...{ path, key, resumes, mirror: new Mirror(), signal: new AbortController().signal },
    // Longer than any test.
    ...{ patienceMs: 3_600_000, silenceMs: 3_600_000 },
    onReady: (greeting) => missed.push(greeting.missed),
    onEvent: (event) => events.push(event),
    onSilence: (isSilent) => silences.push(isSilent),
    onEnd: () => undefined,
  };
  return { options, events, silences, missed };
}

/** Opens a link that ends with the test; null if there is no holder, or it has no place. */
export async function tryLink(options: GuestLinkOptions): Promise<GuestLink | null> {
  const link = await GuestLink.open(options);
  if (link !== null) onTestFinished(() => link.close());
  return link;
}

/** Opens a link, and collects what it reports. */
export async function linked(path: string, resumes: Progress | null = null) {
  const { options, ...reports } = linkOptions(path, resumes);
  const link = await tryLink(options);
  if (link === null) throw new Error('no holder');
  return { link, ...reports };
}

/** A connection without a guest's program. */
export class RawGuest {
  readonly socket: Socket;
  /** Everything that the holder has sent. */
  got = '';
  /** True once the connection has ended. */
  hasEnded = false;
  readonly #waiting = new Set<() => void>();

  constructor(path: string) {
    this.socket = createConnection(path);
    this.socket.on('error', () => undefined);
    this.socket.on('data', (chunk) => {
      this.got += String(chunk);
      for (const look of this.#waiting) look();
    });
    this.socket.once('close', () => {
      this.hasEnded = true;
    });
    onTestFinished(() => void this.socket.destroy());
  }

  send(message: object): void {
    this.socket.write(`${JSON.stringify(message)}\n`);
  }

  /** Resolves once this has come. */
  comes(text: string): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!this.got.includes(text)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Resolves when the connection has ended. */
  async ended(): Promise<void> {
    if (!this.hasEnded) await once(this.socket, 'close');
  }

  /** Proves the password. */
  async prove(): Promise<void> {
    await this.comes('"nonce"');
    const guest = '11'.repeat(32);
    const { nonce } = JSON.parse(this.got.split('\n')[0] ?? '') as { nonce: string };
    this.send({ nonce: guest, proof: proofOf(key, 'guest', { holder: nonce, guest }), resumes: null });
    await this.comes('"proved"');
  }

  /** Proves the password, and is served. */
  async begin(): Promise<void> {
    await this.prove();
    await this.comes('"ready"');
  }
}
