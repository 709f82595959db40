/** What everything that works for one room is given. */
import type { ChatOperation, RequestOf, ResultOf, UserName } from '@chat/protocol';
import type { Author, RoomCrypto, Signer } from '@chat/room';
import type { ClientEvent } from './event.ts';
import type { Pins } from './pins.ts';
import type { Scheduler } from './scheduler.ts';

export interface ClientContext {
  readonly user: UserName;
  readonly signer: Signer;
  readonly crypto: RoomCrypto;
  readonly scheduler: Scheduler;
  readonly pins: Pins;
  /** Rejects with `ClientError` `offline` when there is no connection. */
  request<O extends ChatOperation>(operation: O, fields: RequestOf<O>): Promise<ResultOf<O>>;
  /** Stores everything now; resolves when it is safe. */
  save(): Promise<void>;
  /** Stores everything soon. */
  saveSoon(): void;
  emit(event: ClientEvent): void;
}

/** This user as the author of an entry made now. */
export const authorOf = ({ user, signer, crypto, scheduler }: ClientContext): Author => ({
  user,
  signer,
  crypto,
  now: scheduler.now(),
});

/** A request's id: 16 random bytes in hex. */
export const newClientId = (crypto: RoomCrypto): string =>
  Array.from(crypto.random(16), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** An error's code and sentence, whatever was thrown. */
export function explain(error: unknown): { code: string; reason: string } {
  if (!(error instanceof Error)) return { code: 'internal', reason: String(error) };
  return { code: 'code' in error && typeof error.code === 'string' ? error.code : 'internal', reason: error.message };
}
