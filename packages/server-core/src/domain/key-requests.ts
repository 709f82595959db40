/** Open key requests between members. Only the member who was asked may answer, and once. */
import { type Fingerprint, type Identity, ProtocolError, type RoomId, type UserName } from '@chat/protocol';
import type { ServerLimits } from '../limits/limits.ts';
import { Quota } from '../throttle/quota.ts';
import { liveSize, seconds } from '../throttle/token-bucket.ts';

/** A member's request to another member for the secret of an epoch. */
export interface KeyRequest {
  readonly room: RoomId;
  /** Epoch number. */
  readonly number: number;
  /** Key of the member who lacks the secret and for whom it is to be wrapped. */
  readonly asker: Fingerprint;
  /** The member who is to answer. */
  readonly asked: UserName;
}

const keyOf = ({ room, number, asker, asked }: KeyRequest): string => `${room} ${number} ${asker} ${asked}`;

/** Options of `KeyRequests`. `clock` returns milliseconds. */
export interface KeyRequestsOptions {
  readonly clock: () => number;
  readonly limits: Pick<ServerLimits, 'keysAskedPerMinute' | 'keysAskedInAllPerMinute' | 'keyAnswerTimeoutMs'>;
}

/**
 * The open key requests of a server. Each user may send a limited number in a minute, for one key and in all. Otherwise one member who
 * makes many keys that open for no other member would use up what the others need to find out that the latest one is lost.
 */
export class KeyRequests {
  readonly #options: KeyRequestsOptions;
  readonly #forOne: Quota;
  readonly #inAll: Quota;
  /**
   * Expiry of each open request, in milliseconds. All have the same lifetime, so the order of insertion is that of expiry; after a
   * change of the limit some are dropped later.
   */
  readonly #open = new Map<string, number>();

  constructor(options: KeyRequestsOptions) {
    this.#options = options;
    const { limits } = options;
    this.#forOne = new Quota(liveSize(seconds.minute, () => limits.keysAskedPerMinute));
    this.#inAll = new Quota(liveSize(seconds.minute, () => limits.keysAskedInAllPerMinute));
  }

  /**
   * Counts a key request.
   *
   * @throws ProtocolError `limit-reached`
   */
  count({ user, fingerprint: asker }: Identity, { room, number }: Pick<KeyRequest, 'room' | 'number'>): void {
    const { clock, limits } = this.#options;
    const now = clock();
    const key = keyOf({ room, number, asker, asked: '' });
    const mayAskForOne = this.#forOne.has(key, now);
    if (mayAskForOne && this.#inAll.take(user, now)) {
      this.#forOne.take(key, now);
      return;
    }
    const often = mayAskForOne
      ? `${limits.keysAskedInAllPerMinute} times a minute`
      : `${limits.keysAskedPerMinute} times a minute for the same key`;
    throw new ProtocolError('limit-reached', `You can ask for keys ${often}: wait before asking again.`);
  }

  /** Opens a request, and drops those that have expired. */
  open(request: KeyRequest): void {
    const { clock, limits } = this.#options;
    const now = clock();
    for (const [key, expiresAt] of this.#open) {
      if (expiresAt > now) break;
      this.#open.delete(key);
    }
    const key = keyOf(request);
    this.#open.delete(key);
    this.#open.set(key, now + limits.keyAnswerTimeoutMs);
  }

  /** Closes a request and returns whether it was open. */
  close(request: KeyRequest): boolean {
    const key = keyOf(request);
    const expiresAt = this.#open.get(key) ?? 0;
    return this.#open.delete(key) && expiresAt > this.#options.clock();
  }
}
