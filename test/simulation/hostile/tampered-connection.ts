/** One connection with an attacker between client and server, who reads, changes, drops and adds frames. */
import { encodeFrame, FrameDecoder } from '@chat/protocol';
import type { Rewriting } from '../simulated/simulated-link.ts';
import type { Item } from './log-edit.ts';
import type { SeenLogs } from './seen-log.ts';
import { joinStubs, splitStubs } from './stub-runs.ts';

export type Frame = Record<string, unknown>;

/** One way to tamper with the frames of one connection. */
export interface Tampering {
  /** Returns the frames that the client receives instead. `asked` is the request that the frame answers. */
  toClient?(frame: Frame, asked: Frame | undefined): readonly Frame[];
  /** Returns the frame that the server receives instead, and an answer that the client receives. */
  toServer?(frame: Frame): { readonly on: Frame | null; readonly back?: Frame };
}

const bytesOf = (frames: readonly Frame[]): Uint8Array => Buffer.concat(joinStubs(frames).map(encodeFrame));

export class TamperedConnection implements Rewriting {
  readonly #tampering: readonly Tampering[];
  readonly #seen: SeenLogs;
  readonly #fromServer = new FrameDecoder();
  readonly #fromClient = new FrameDecoder();
  readonly #asked = new Map<unknown, Frame>();
  #answers: Frame[] = [];

  /**
   * @param tampering in order, from the server to the client
   * @param seen records what the client is shown
   */
  constructor(tampering: readonly Tampering[], seen: SeenLogs) {
    this.#tampering = tampering;
    this.#seen = seen;
  }

  toClient(bytes: Uint8Array): Uint8Array {
    const frames = [
      ...this.#answers.splice(0),
      ...[...this.#fromServer.push(bytes)].flatMap(splitStubs).flatMap((frame) => this.#in(frame)),
    ];
    for (const frame of frames) this.#note(frame);
    return bytesOf(frames);
  }

  toServer(bytes: Uint8Array): Uint8Array {
    return bytesOf([...this.#fromClient.push(bytes)].flatMap((frame) => this.#out(frame)));
  }

  #in(frame: Frame): readonly Frame[] {
    const asked = this.#asked.get(frame['re']);
    let frames: readonly Frame[] = [frame];
    for (const each of this.#tampering) frames = frames.flatMap((one) => each.toClient?.(one, asked) ?? [one]);
    if (asked?.['op'] === 'find-room') for (const each of frames) this.#noteFound(String(asked['name']), each);
    return frames;
  }

  #out(frame: Frame): readonly Frame[] {
    this.#asked.set(frame['id'], frame);
    if (frame['op'] === 'subscribe') this.#seen.again(String(frame['room']), Number(frame['after']));
    let sent = frame;
    for (const each of this.#tampering.toReversed()) {
      const { on, back } = each.toServer?.(sent) ?? { on: sent };
      if (back !== undefined) this.#answers.push(back);
      if (on === null) return [];
      sent = on;
    }
    return [sent];
  }

  #noteFound(name: string, { ok }: Frame): void {
    const room = (ok as Frame | undefined)?.['room'];
    if (room !== undefined) this.#seen.find(name, String(room));
  }

  #note(frame: Frame): void {
    if (frame['push'] !== 'entry' && frame['push'] !== 'stub') return;
    this.#seen.add(String(frame['room']), Number(frame['seq']), frame as unknown as Item);
  }
}
