/** A connection on which somebody meddles: frames are altered, dropped or made up between client and server. */
import { setImmediate } from 'node:timers/promises';
import { encodeFrame, FrameDecoder } from '@chat/protocol';
import { createRoomCrypto, type Signer } from '@chat/room';
import { generateSigner } from '@chat/signatures';
import { enrolIdentity } from '../../src/connection/enrolment.ts';
import { ChatClient, type Link, type Stored, type Transport } from '../../src/index.ts';
import { authorityKey, fetchAuthority } from '../../src/node/authority.ts';
import { systemScheduler } from '../../src/node/scheduler.ts';
import { createTlsTransport } from '../../src/node/tls-transport.ts';
import { emptyStored } from '../../src/storage/stored-state.ts';
import { type Network, type Watched, watch } from './network.ts';

export type Frame = Record<string, unknown>;

export interface Meddling {
  /** What goes to the server in place of this frame; null drops it. */
  out?: (frame: Frame) => Frame | null;
  /** What the client gets in place of this frame, in one piece. */
  in?: (frame: Frame) => readonly Frame[];
}

export interface Meddled extends Watched {
  /** What was stored last. */
  readonly stored: () => Stored | null;
  /** Hands frames to the client as if the server had sent them. */
  readonly inject: (...frames: Frame[]) => void;
  /** Hands a frame to the server as if the client had sent it. */
  readonly forward: (frame: Frame) => void;
  /** The same user's client after this one was killed: it knows what was stored by then, and nothing else. */
  readonly restart: (meddling?: Meddling) => Promise<Meddled>;
}

interface Options {
  /** How many times shorter the client's waiting times are. */
  readonly speed?: number;
}

interface Kept {
  readonly signer: Signer;
  readonly stored: Stored;
}

const bytesOf = (frames: readonly Frame[]) => Buffer.concat(frames.map(encodeFrame));

/** A connected client of a new user, whose chat connections are meddled with. Its state is kept in memory only. */
export async function connectMeddled(
  network: Network,
  user: string,
  meddling: Meddling = {},
  options: Options = {},
): Promise<Meddled> {
  const inner = createTlsTransport(network.address, await fetchAuthority(network.address));
  const signer = generateSigner();
  const certified = await enrolIdentity(inner, systemScheduler, { user, signer }, undefined);
  return connectKept(network, user, { signer, stored: { ...emptyStored, certified } }, meddling, options);
}

async function connectKept(
  network: Network,
  user: string,
  { signer, stored }: Kept,
  meddling: Meddling,
  options: Options,
): Promise<Meddled> {
  const authority = await fetchAuthority(network.address);
  const inner = createTlsTransport(network.address, authority);
  let toClient: (chunk: Uint8Array) => void = () => {};
  let toServer: (chunk: Uint8Array) => void = () => {};

  const meddle = (link: Link): Link => ({
    ...link,
    send(bytes) {
      for (const frame of new FrameDecoder().push(bytes)) {
        const sent = meddling.out?.(frame) ?? (meddling.out === undefined ? frame : null);
        if (sent !== null) link.send(encodeFrame(sent));
      }
    },
    receive(data, closed) {
      toClient = data;
      toServer = (bytes) => link.send(bytes);
      const decoder = new FrameDecoder();
      link.receive((chunk) => {
        const frames = [...decoder.push(chunk)].flatMap((frame) => meddling.in?.(frame) ?? [frame]);
        if (frames.length > 0) data(bytesOf(frames));
      }, closed);
    },
  });
  const { speed = 1 } = options;
  const transport: Transport = { ...inner, openChat: async (...place) => meddle(await inner.openChat(...place)) };
  let saved: Stored | null = null;
  let killed = false;
  const client = new ChatClient({
    user,
    signer,
    crypto: createRoomCrypto(),
    scheduler: { ...systemScheduler, after: (ms, action) => systemScheduler.after(ms / speed, action) },
    transport,
    authority: { fingerprint: authority.fingerprint, key: authorityKey(authority) },
    vault: {
      save: async (newest) => {
        await setImmediate();
        if (!killed) saved = structuredClone(newest);
      },
      close: async () => {},
    },
    stored,
  });
  network.closeLater(client);
  const watched = watch(client);
  await client.connect();
  return {
    ...watched,
    stored: () => saved,
    inject: (...frames) => toClient(bytesOf(frames)),
    forward: (frame) => toServer(encodeFrame(frame)),
    restart: async (next = {}) => {
      killed = true;
      await client.close();
      return connectKept(network, user, { signer, stored: saved ?? stored }, next, options);
    },
  };
}
