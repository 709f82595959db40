/** What everything that works for one room is given. */
import type { ChatOperation, Fingerprint, PublicIdentity, RequestOf, ResultOf, UserName } from '@chat/protocol';
import type { Author, Prekey, RoomCrypto, Signer } from '@chat/room';
import { ClientError } from './errors.ts';
import type { ClientEvent } from './event.ts';
import type { Pins } from './identity/pins.ts';
import type { Scheduler } from './scheduler.ts';

/** The server's certificate authority, as it was pinned. */
export interface PinnedAuthority {
  /** SHA-256 of its certificate, hex. */
  readonly fingerprint: string;
  /** Its key's SubjectPublicKeyInfo in base64url: what it signs takes people out of rooms. */
  readonly key: string;
}

/** This user's prekeys, as a room uses them: `PrekeyRing`. */
export interface OwnPrekeys {
  /** What a wrap for this user may have been made to, the newest first. */
  readonly keys: readonly Prekey[];
}

export interface FoundPrekeys {
  /** Whoever has none is not in it, nor is anybody whose prekey cannot be relied on. */
  readonly prekeys: ReadonlyMap<Fingerprint, Uint8Array>;
  /** People for whom the server showed another key than theirs, a prekey that they have not signed, or an old one. */
  readonly wrong: readonly UserName[];
}

/** Everybody else's prekeys, and so their identities: `PrekeyDirectory`. Rejects as `request` does. */
export interface Directory {
  /** The prekeys of these people as they are now. */
  find(people: readonly PublicIdentity[]): Promise<FoundPrekeys>;
  /**
   * Who a name stands for at this server, by their own signature; null when the server knows nobody of that name who was
   * ever online. That it is the person who is meant, the pins or a comparison of safety numbers must show.
   * Rejects with `ClientError` `wrong-prekey`.
   */
  personOf(user: UserName): Promise<PublicIdentity | null>;
}

export interface ClientContext {
  readonly user: UserName;
  readonly signer: Signer;
  readonly crypto: RoomCrypto;
  readonly scheduler: Scheduler;
  readonly authority: PinnedAuthority;
  readonly pins: Pins;
  readonly prekeys: OwnPrekeys;
  readonly directory: Directory;
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

/** Whether a request failed with its connection: whatever it was for is done again on the next one. */
export const isDisconnection = (error: unknown): boolean =>
  error instanceof ClientError && (error.code === 'offline' || error.code === 'closed' || error.code === 'unreachable');
