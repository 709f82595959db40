/** The protocol of the chat: a client that signs its login, but sends one message again and again with a new author view. */
import { randomBytes } from 'node:crypto';
import {
  channelBinding,
  decodeCbor,
  encodeFrame,
  encodePayload,
  entryHash,
  FrameDecoder,
  frameKinds,
  loginStatement,
  nextLogHash,
  parsePayload,
  protocolVersion,
  type SignedEntry,
  toBase64url,
} from '@chat/protocol';
import { signerOf, userAt } from '../world.ts';
import type { Dialect, LineEvents, LoadRoom, Target } from './dialect.ts';
import { openWire, type Wire } from './wire.ts';

/** The end of a room's log, which all lines of this process know as soon as one of them does. */
class RoomHead {
  #seq: number;
  #hash: string;
  /** Entry hashes at positions after the head, which come when an acknowledgement overtakes another line's. */
  readonly #ahead = new Map<number, string>();

  constructor({ seq, hash }: LoadRoom['head']) {
    this.#seq = seq;
    this.#hash = hash;
  }

  get view(): LoadRoom['head'] {
    return { seq: this.#seq, hash: this.#hash };
  }

  append(seq: number, entry: string): void {
    this.#ahead.set(seq, entry);
    for (let hash = this.#ahead.get(this.#seq + 1); hash !== undefined; hash = this.#ahead.get(this.#seq + 1)) {
      this.#seq += 1;
      this.#hash = nextLogHash(this.#hash, { seq: this.#seq, type: 'message', hash });
      this.#ahead.delete(this.#seq);
    }
  }
}

/** The rooms of all rounds of this process, by id: a round goes on where the one before has ended. */
const headsOf = new Map<string, RoomHead>();

function headOf({ id, head }: LoadRoom): RoomHead {
  const known = headsOf.get(id) ?? new RoomHead(head);
  headsOf.set(id, known);
  return known;
}

function roomAt({ rooms }: Target, index: number): LoadRoom {
  const room = rooms[index];
  if (room === undefined) throw new Error(`The benchmark has no room ${index}.`);
  return room;
}

/** Counts the entries in what the server pushes, without reading them. */
function entryCounter(): (bytes: Buffer) => number {
  /** Bytes of the length and the kind that have been read, the length, and the bytes of the body that follow. */
  let [read, length, rest] = [0, 0, 0];
  return (bytes) => {
    let count = 0;
    let at = 0;
    while (at < bytes.length) {
      if (read < 5) {
        const byte = bytes[at++] ?? 0;
        if (read < 4) length = length * 256 + byte;
        else if (byte === frameKinds.entry) count += 1;
        read += 1;
        rest = length - 1;
      } else {
        const skipped = Math.min(rest, bytes.length - at);
        at += skipped;
        rest -= skipped;
      }
      if (read === 5 && rest === 0) [read, length] = [0, 0];
    }
    return count;
  };
}

type Answer = { readonly ok?: { readonly seq: number }; readonly error?: { readonly code: string } };

/** The requests of one line, and what the server answers. */
class Requests {
  readonly #wire: Wire;
  readonly #pending = new Map<number, (answer: Answer) => void>();
  #ids = 0;
  #caughtUp: () => void = () => undefined;
  #allAnswered: () => void = () => undefined;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  send(fields: object, answered: (answer: Answer) => void): void {
    const id = this.#ids++;
    this.#pending.set(id, answered);
    this.#wire.socket.write(encodeFrame({ id, ...fields }));
  }

  call(fields: object): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#wire.onEnd = reject;
      this.send(fields, ({ error }) => (error === undefined ? resolve() : reject(new Error(error.code))));
    });
  }

  /** Subscribes, and resolves when the server sends new entries. */
  async follow(room: string, after: number): Promise<void> {
    const caughtUp = new Promise<void>((resolve) => (this.#caughtUp = resolve));
    await this.call({ op: 'subscribe', room, after });
    await caughtUp;
  }

  receive(frame: Record<string, unknown>): void {
    if (frame['push'] === 'caught-up') this.#caughtUp();
    const id = frame['re'] as number;
    const answered = this.#pending.get(id);
    this.#pending.delete(id);
    answered?.(frame as Answer);
    if (this.#pending.size === 0) this.#allAnswered();
  }

  /** Resolves when every request is answered, so that the ends of the rooms are known, or when the connection has ended. */
  async settled(): Promise<void> {
    if (this.#pending.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#allAnswered = resolve;
      this.#wire.onEnd = () => resolve();
    });
  }
}

async function login(
  wire: Wire,
  { target, user, observe }: { target: Target; user: number; observe: (bytes: Buffer) => void },
): Promise<Requests> {
  const requests = new Requests(wire);
  const decoder = new FrameDecoder();
  const nonce = await new Promise<string>((resolve, reject) => {
    wire.onEnd = reject;
    wire.onBytes = (bytes) => {
      observe(bytes);
      for (const frame of decoder.push(bytes)) {
        if (frame['push'] === 'hello') resolve(frame['nonce'] as string);
        else requests.receive(frame);
      }
    };
  });
  const channel = wire.socket.exportKeyingMaterial(channelBinding.bytes, channelBinding.label, Buffer.alloc(0));
  const account = userAt(target.world, user);
  const place = { serverId: target.world.caFingerprint, nonce, channel: toBase64url(channel) };
  const { domain, data } = loginStatement(place, account.user);
  const signature = toBase64url(signerOf(account).sign(domain, data));
  await requests.call({ op: 'login', version: protocolVersion, user: account.user, signature });
  return requests;
}

/** Sends messages, and keeps the author views right. */
function sender({
  target,
  user,
  requests,
  events,
}: {
  target: Target;
  user: number;
  requests: Requests;
  events: LineEvents;
}): (room: number) => void {
  const template = target.message === '' ? null : (decodeCbor(Buffer.from(target.message, 'base64')) as SignedEntry);
  const payload = template === null ? null : parsePayload('message', template.payload);
  const by = userAt(target.world, user).fingerprint;
  return (room) => {
    if (template === null || payload === null) throw new Error('This load has no messages.');
    const { type, signature } = template;
    const to = roomAt(target, room);
    const head = headOf(to);
    const entry = { type, payload: encodePayload({ ...payload, head: head.view }), by, signature };
    const hash = entryHash(entry);
    const cid = randomBytes(16).toString('hex');
    requests.send({ op: 'append', room: to.id, cid, entry }, ({ ok, error }) => {
      if (ok !== undefined) {
        head.append(ok.seq, hash);
        events.acknowledged();
      } else events.refused(error?.code ?? 'no answer');
    });
  };
}

/** Speaks with the chat server. */
export const chat: Dialect = async (target, user, events) => {
  const wire = await openWire(target, user);
  // From the first byte on, because a chunk may end within a frame.
  const count = entryCounter();
  const requests = await login(wire, { target, user, observe: count });
  return {
    async follow(rooms) {
      for (const room of rooms) {
        const followed = roomAt(target, room);
        await requests.follow(followed.id, headOf(followed).view.seq);
      }
      wire.onBytes = (bytes) => {
        const delivered = count(bytes);
        if (delivered > 0) events.delivered(delivered);
      };
    },
    publish: sender({ target, user, requests, events }),
    async close() {
      await requests.settled();
      wire.socket.destroy();
    },
  };
};
