/** A connection on which somebody meddles: frames are altered, dropped or made up between client and server. */
import { setImmediate } from 'node:timers/promises';
import { encodeFrame, FrameDecoder } from '@chat/protocol';
import { createRoomCrypto } from '@chat/room';
import { generateSigner } from '@chat/signatures';
import { enrolIdentity } from '../src/enrolment.ts';
import { ChatClient, type Link, type Stored, type Transport } from '../src/index.ts';
import { fetchAuthority } from '../src/node/authority.ts';
import { systemScheduler } from '../src/node/scheduler.ts';
import { createTlsTransport } from '../src/node/tls-transport.ts';
import { emptyStored } from '../src/stored.ts';
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
}

const bytesOf = (frames: readonly Frame[]) => Buffer.concat(frames.map(encodeFrame));

/**
 * A connected client of a new user, whose chat connections are meddled with. Its state is kept in memory only.
 *
 * @param options `speed`: how many times shorter its waiting times are
 */
export async function connectMeddled(
  network: Network,
  user: string,
  meddling: Meddling,
  { speed = 1 }: { readonly speed?: number } = {},
): Promise<Meddled> {
  const inner = createTlsTransport(network.address, await fetchAuthority(network.address));
  const signer = generateSigner();
  const certified = await enrolIdentity(inner, systemScheduler, { user, signer }, undefined);
  let toClient: (chunk: Uint8Array) => void = () => {};

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
      const decoder = new FrameDecoder();
      link.receive((chunk) => {
        const frames = [...decoder.push(chunk)].flatMap((frame) => meddling.in?.(frame) ?? [frame]);
        if (frames.length > 0) data(bytesOf(frames));
      }, closed);
    },
  });
  const transport: Transport = { ...inner, openChat: async (...place) => meddle(await inner.openChat(...place)) };
  let saved: Stored | null = null;
  const client = new ChatClient({
    user,
    signer,
    crypto: createRoomCrypto(),
    scheduler: { ...systemScheduler, after: (ms, action) => systemScheduler.after(ms / speed, action) },
    transport,
    vault: {
      save: async (stored) => {
        await setImmediate();
        saved = stored;
      },
      close: async () => {},
    },
    stored: { ...emptyStored, certified },
  });
  network.closeLater(client);
  const watched = watch(client);
  await client.connect();
  return { ...watched, stored: () => saved, inject: (...frames) => toClient(bytesOf(frames)) };
}
