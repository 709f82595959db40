/**
 * What the programs that share a profile send to each other: JSON objects, one on each line. Both run on one machine, for one user, and
 * mostly are one version of one program.
 */
import { MessageStoreError } from '@chat/message-store';
import { type ErrorCode, ProtocolError } from '@chat/protocol';
import { RoomError } from '@chat/room';
import { z } from 'zod';
import type { AttentionSettings } from '../../attention/settings.ts';
import { ClientError, type ClientErrorCode, type Explanation, explain } from '../../errors.ts';
import type { ClientEvent } from '../../events.ts';
import type { ChangedIdentity } from '../../identity/pins.ts';
import type { RoomView } from '../../view.ts';

/** Changes with every change of these messages. */
export const localVersion = 2;

/**
 * Bytes of the longest line that one side reads before the other has proved the password, and afterwards: of a guest a call, of a holder all
 * views of all rooms.
 */
export const maxLineBytes = {
  unproved: 4_096,
  fromGuest: 2 * 1024 * 1024,
  fromHolder: 256 * 1024 * 1024,
} as const;

/** How often a holder shows that it runs, in ms. */
export const beatMs = 5_000;

const nonce = z.string().regex(/^[0-9a-f]{64}$/);

/** How far a guest has got with the events of a holder. */
const progress = z.strictObject({
  /** The id of the holder, a new one at each begin. */
  holder: z.string().max(64),
  /** Number of the events from the begin of the holder to the last one that has reached the guest. */
  seen: z.int().min(0),
});
/** How far a guest has got with the events of a holder. */
export type Progress = z.infer<typeof progress>;

/** The first message of a guest. */
export const guestProof = z.strictObject({
  nonce,
  proof: nonce,
  /** Of a program that was a guest before, also of another holder: it gets the events that it has not. */
  resumes: progress.nullable(),
});

/** A call of a guest. */
export const guestCall = z.strictObject({
  id: z.int().min(0),
  method: z.string(),
  arguments: z.array(z.unknown()).max(4),
});

/** The first message of a holder. */
export const holderHello = z.looseObject({ v: z.int(), nonce });

/** An error, as it crosses the socket. */
export interface LocalError {
  readonly type: 'ClientError' | 'ProtocolError' | 'RoomError' | 'MessageStoreError' | 'Error';
  readonly code: string;
  readonly message: string;
}

/** Returns what crosses the socket of a thrown value. */
export function localErrorOf(error: unknown): LocalError {
  const { code, reason: message } = explain(error);
  if (error instanceof ProtocolError) return { type: 'ProtocolError', code, message };
  if (error instanceof RoomError) return { type: 'RoomError', code, message };
  if (error instanceof MessageStoreError) return { type: 'MessageStoreError', code, message };
  return { type: error instanceof ClientError ? 'ClientError' : 'Error', code, message };
}

/** Returns the error that crossed the socket. The holder has made it from one of the same class and code. */
export function errorFrom({ type, code, message }: LocalError): Error {
  if (type === 'ProtocolError') return new ProtocolError(code as ErrorCode, message);
  if (type === 'RoomError') return new RoomError(code as RoomError['code'], message);
  if (type === 'MessageStoreError') return new MessageStoreError(code as MessageStoreError['code'], message);
  return type === 'ClientError' ? new ClientError(code as ClientErrorCode, message) : new Error(message);
}

/** What a client answers at once, besides its rooms. */
export interface ClientStatus {
  readonly online: boolean;
  readonly refusal: Explanation | null;
  readonly isRenewingKey: boolean;
  /** `ClientMessages.areDamaged`. */
  readonly areMessagesDamaged: boolean;
  readonly changedIdentities: readonly ChangedIdentity[];
  readonly attention: AttentionSettings;
  /** Number of the users whom the client knows. They only become more. */
  readonly known: number;
}

/** A room of which some fields have changed. */
export type ChangedView = Pick<RoomView, 'roomId'> & Partial<RoomView>;

/** How a client differs from what was sent before. */
export interface Changes {
  readonly status?: ClientStatus;
  /** The users whom the client knows, if they are more than before. */
  readonly names?: readonly string[];
  readonly rooms: readonly ChangedView[];
  /** The ids of rooms that are gone. */
  readonly gone: readonly string[];
}

/** The position of the latest message of each room when a holder began; 0 for none. */
export type Begin = Readonly<Record<string, number>>;

/** Returns the begin of a client that has these rooms. */
export const beginOf = (rooms: readonly Pick<RoomView, 'roomId' | 'latest'>[]): Begin =>
  Object.fromEntries(rooms.map(({ roomId, latest }) => [roomId, latest?.seq ?? 0]));

/** What a guest learns when it is admitted. The events that it has not got follow. */
export interface Greeting {
  readonly user: string;
  readonly fingerprint: string;
  readonly changes: Changes;
  readonly begin: Begin;
  /** How far the guest has got, before the events that follow. */
  readonly progress: Progress;
  /** True if the guest has missed events, because the holder has not kept them. */
  readonly missed: boolean;
}

/** What a holder sends after its first message. */
export type HolderMessage =
  /** The holder serves as many guests as it can. It ends the connection. */
  | { readonly kind: 'full' }
  /** The guest has proved the password; and so does the holder. */
  | { readonly kind: 'proved'; readonly proof: string }
  /** The holder runs. */
  | { readonly kind: 'beat' }
  /** The profile is read, and the guest can call. */
  | ({ readonly kind: 'ready' } & Greeting)
  /** Sent before every event, other than a message, and every answer that belong to it; soon after a message. */
  | { readonly kind: 'changes'; readonly changes: Changes }
  | { readonly kind: 'event'; readonly event: ClientEvent }
  /** The message of a call waits in the outbox on the disk. */
  | { readonly kind: 'kept'; readonly id: number }
  | { readonly kind: 'result'; readonly id: number; readonly value?: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly error: LocalError };

/** Collects lines from the chunks of a socket. */
export class Lines {
  /** Bytes of the longest line. */
  maxBytes: number = maxLineBytes.unproved;
  #rest: Buffer[] = [];
  #size = 0;

  /**
   * Takes a chunk, and yields the values of the lines that it completes. To be read to its end.
   *
   * @throws Error for a line that is too long
   * @throws SyntaxError for one that is not JSON
   */
  *push(chunk: Buffer): Generator<unknown, void> {
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(0x0a, from);
      const part = chunk.subarray(from, end === -1 ? undefined : end);
      this.#size += part.length;
      if (this.#size > this.maxBytes) throw new Error('A line is too long.');
      this.#rest.push(part);
      if (end === -1) return;
      const line = Buffer.concat(this.#rest).toString('utf8');
      this.#rest = [];
      this.#size = 0;
      from = end + 1;
      yield JSON.parse(line);
    }
  }
}

/** Returns the line of a message. */
export const lineOf = (message: object): string => `${JSON.stringify(message)}\n`;
