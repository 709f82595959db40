/** Clients at a real server, over connections on which a test can alter, drop and invent frames. Their state is in memory only. */
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { createMemoryFiles, type SegmentFiles } from '@chat/message-store';
import { encodeFrame, FrameDecoder } from '@chat/protocol';
import { createRoomCrypto, type RoomCrypto, type Signer } from '@chat/room';
import { generateSigner } from '@chat/signatures';
import { enrolIdentity, renewIdentityKey } from '../../src/connection/enrolment.ts';
import type { EntryArchive } from '../../src/entry-archive.ts';
import { ChatClient, type Link, type Scheduler, type Stored, type Transport } from '../../src/index.ts';
import { fetchAuthority } from '../../src/node/authority.ts';
import { serverAuthority } from '../../src/node/authority-file.ts';
import { TransferFolder } from '../../src/node/files/transfer-folder.ts';
import { systemScheduler } from '../../src/node/scheduler.ts';
import { createTlsTransport } from '../../src/node/tls-transport.ts';
import { chainWith, renewedState } from '../../src/renewal/own-renewal.ts';
import { emptyStored, parseStored } from '../../src/storage/stored-state.ts';
import { isReady } from './events.ts';
import { type TestNetwork, type WatchedClient, watch } from './test-network.ts';

export type Frame = Record<string, unknown>;

/** What a test does on a client's chat connection. */
export interface Tampering {
  /** Returns what goes to the server instead of this frame; null drops it. */
  out?: (frame: Frame) => Frame | null;
  /** Returns what the client gets instead of this frame, in one chunk. */
  in?: (frame: Frame) => readonly Frame[];
  /** Passes frames to the client as if the server had sent them. `connectClient` sets it if it is there. */
  inject?: (...frames: Frame[]) => void;
}

export interface TestClient extends WatchedClient {
  /** Returns what was stored last. */
  readonly stored: () => Stored | null;
  /** Passes frames to the client as if the server had sent them. */
  readonly inject: (...frames: Frame[]) => void;
  /** Passes a frame to the server as if the client had sent it. */
  readonly forward: (frame: Frame) => void;
  /** Ends every wait of this client for an answer of the server or for the log. */
  readonly expireTimeouts: () => void;
  /** Kills this client and starts another one from what was stored by then. */
  readonly restart: (tampering?: Tampering) => Promise<TestClient>;
  /** Kills this client and starts another one from what this one began with, as if it had stored nothing but its run since. */
  readonly restartUnsaved: (tampering?: Tampering) => Promise<TestClient>;
  /** Kills this client, renews the user's identity key, and starts another one with the new key. */
  readonly renew: (tampering?: Tampering) => Promise<TestClient>;
}

export interface TestClientOptions {
  /** The factor by which the client's pauses are shortened. Default: 1. */
  readonly speed?: number;
  /** Default: the project's own. */
  readonly crypto?: RoomCrypto;
  /** Default: an empty one at each start. */
  readonly archive?: EntryArchive;
}

interface Restarted {
  readonly signer: Signer;
  readonly stored: Stored;
  readonly segments: SegmentFiles;
}

/** From here on a timer is a timeout of a request, which only `expireTimeouts` ends, or too long to matter in a test. */
const shortestTimeoutMs = 20_000;

/** The machine's timers, without the timeouts: a busy machine must not end a request. */
class UnhurriedScheduler implements Scheduler {
  readonly #speed: number;
  readonly #timeouts = new Set<() => void>();

  constructor(speed: number) {
    this.#speed = speed;
  }

  now(): number {
    return systemScheduler.now();
  }

  after(ms: number, action: () => void): () => void {
    if (ms < shortestTimeoutMs) return systemScheduler.after(ms / this.#speed, action);
    if (ms > shortestTimeoutMs) return () => undefined;
    this.#timeouts.add(action);
    return () => this.#timeouts.delete(action);
  }

  expireTimeouts(): void {
    const actions = [...this.#timeouts];
    this.#timeouts.clear();
    for (const action of actions) action();
  }
}

/** Returns a state as a client opens it that was stored. */
function asStored(state: Stored): Stored {
  const opened = parseStored(JSON.stringify(state));
  if (typeof opened === 'string') throw new Error(`the state is ${opened}`);
  return opened;
}

const bytesOf = (frames: readonly Frame[]) => Buffer.concat(frames.map(encodeFrame));

/** Connects a client of a new user. */
export async function connectClient(
  network: TestNetwork,
  user: string,
  tampering: Tampering = {},
  options: TestClientOptions = {},
): Promise<TestClient> {
  const inner = createTlsTransport(network.address, await fetchAuthority(network.address));
  const signer = generateSigner();
  const certified = await enrolIdentity(inner, systemScheduler, { user, signer }, undefined);
  return connectRestarted(
    network,
    user,
    { signer, stored: { ...emptyStored, certified }, segments: createMemoryFiles() },
    tampering,
    options,
  );
}

/** Connects a client of a new user, who joins a room and has its key. */
export async function joined(
  network: TestNetwork,
  user: string,
  roomName: string,
  tampering: Tampering = {},
  options: TestClientOptions = {},
): Promise<TestClient> {
  const member = await connectClient(network, user, tampering, options);
  await member.client.joinRoom(roomName);
  await member.event(isReady);
  return member;
}

/** Connects clients of new users who are all in the room `lobby`, which the first of them has created. */
export async function lobbyOf<const T extends readonly string[]>(
  network: TestNetwork,
  ...users: T
): Promise<{ [K in keyof T]: TestClient }> {
  const members: TestClient[] = [];
  for (const user of users) {
    if (members.length > 0) {
      members.push(await joined(network, user, 'lobby'));
      continue;
    }
    const creator = await connectClient(network, user);
    await creator.client.createRoom('lobby');
    members.push(creator);
  }
  return members as { [K in keyof T]: TestClient };
}

async function connectRestarted(
  network: TestNetwork,
  user: string,
  { signer, stored, segments }: Restarted,
  tampering: Tampering,
  options: TestClientOptions,
): Promise<TestClient> {
  const authority = await fetchAuthority(network.address);
  const inner = createTlsTransport(network.address, authority);
  let toClient: (chunk: Uint8Array) => void = () => {};
  let toServer: (chunk: Uint8Array) => void = () => {};

  const tamperedLink = (link: Link): Link => ({
    ...link,
    send(bytes) {
      for (const frame of new FrameDecoder().push(bytes)) {
        const sent = tampering.out?.(frame) ?? (tampering.out === undefined ? frame : null);
        if (sent !== null) link.send(encodeFrame(sent));
      }
    },
    receive(data, closed) {
      toClient = data;
      toServer = (bytes) => link.send(bytes);
      const decoder = new FrameDecoder();
      link.receive((chunk) => {
        const frames = [...decoder.push(chunk)].flatMap((frame) => tampering.in?.(frame) ?? [frame]);
        if (frames.length > 0) data(bytesOf(frames));
      }, closed);
    },
  });
  const scheduler = new UnhurriedScheduler(options.speed ?? 1);
  const transport: Transport = { ...inner, openChat: async (...place) => tamperedLink(await inner.openChat(...place)) };
  let saved: Stored | null = null;
  let killed = false;
  const client = new ChatClient({
    user,
    signer,
    crypto: options.crypto ?? createRoomCrypto(),
    ...(options.archive !== undefined && { archive: options.archive }),
    scheduler,
    transport,
    authority: serverAuthority(network.home, authority.chain),
    transferFiles: new TransferFolder(join(network.home, `transfers-of-${user}`)),
    vault: {
      save: async (newest) => {
        await setImmediate();
        if (!killed) saved = asStored(newest);
      },
      close: async () => {},
    },
    segments: {
      ...segments,
      write: async (file, blocks) => {
        if (killed) throw new Error('The client was killed.');
        await segments.write(file, blocks);
      },
      removeOthers: async (kept) => {
        if (!killed) await segments.removeOthers(kept);
      },
    },
    stored,
  });
  network.closeLater(client);
  const inject = (...frames: Frame[]) => toClient(bytesOf(frames));
  if (tampering.inject !== undefined) tampering.inject = inject;
  const watched = watch(client);
  await client.connect();
  const kill = () => {
    killed = true;
    return client.close();
  };
  return {
    ...watched,
    stored: () => saved,
    inject,
    forward: (frame) => toServer(encodeFrame(frame)),
    expireTimeouts: () => scheduler.expireTimeouts(),
    restart: async (next = {}) => {
      await kill();
      return connectRestarted(network, user, { signer, stored: saved ?? stored, segments }, next, options);
    },
    restartUnsaved: async (next = {}) => {
      await kill();
      const unsaved = { ...stored, runs: saved?.runs };
      return connectRestarted(network, user, { signer, stored: unsaved, segments }, next, options);
    },
    renew: async (next = {}) => {
      await kill();
      const after = generateSigner();
      const { serverId } = authority;
      const renewing = { user, serverId, signer, stored: saved ?? stored };
      const chain = chainWith(renewing, after, systemScheduler.now());
      const at = { transport: inner, scheduler: systemScheduler };
      const certified = await renewIdentityKey(at, { user, signer: after }, chain);
      const renewed = asStored({ ...renewedState(renewing, after, chain), certified });
      return connectRestarted(network, user, { signer: after, stored: renewed, segments }, next, options);
    },
  };
}
