/** Members who asked another one for an epoch's secret that did not reach them: only who was asked may answer, and once. */
import { type Fingerprint, ProtocolError, type RoomId, type UserName } from '@chat/protocol';
import type { ServerLimits } from '../limits.ts';
import { Quota } from '../throttle/quota.ts';

export interface KeyRequest {
  readonly room: RoomId;
  /** The epoch's. */
  readonly number: number;
  /** Who lacks the secret, by the key that it is to be wrapped for. */
  readonly asker: Fingerprint;
  readonly asked: UserName;
}

const nameOf = ({ room, number, asker, asked }: KeyRequest): string => `${room} ${number} ${asker} ${asked}`;

export interface KeyRequestsOptions {
  readonly clock: () => number;
  readonly limits: Pick<ServerLimits, 'keysAskedPerMinute' | 'keyAnswerTime'>;
}

export class KeyRequests {
  readonly #options: KeyRequestsOptions;
  readonly #quota: Quota;
  /** When each expires; in the order in which they do. */
  readonly #open = new Map<string, number>();

  constructor(options: KeyRequestsOptions) {
    this.#options = options;
    const { keysAskedPerMinute } = options.limits;
    this.#quota = new Quota({ perSecond: keysAskedPerMinute / 60, burst: keysAskedPerMinute });
  }

  /** One more question of this user's. Throws `limit-reached`. */
  count(asker: UserName): void {
    const { clock, limits } = this.#options;
    if (this.#quota.take(asker, clock())) return;
    throw new ProtocolError(
      'limit-reached',
      `You may ask ${limits.keysAskedPerMinute} times a minute for keys: wait before asking again.`,
    );
  }

  open(request: KeyRequest): void {
    const { clock, limits } = this.#options;
    const now = clock();
    for (const [name, expiresAt] of this.#open) {
      if (expiresAt > now) break;
      this.#open.delete(name);
    }
    const name = nameOf(request);
    this.#open.delete(name);
    this.#open.set(name, now + limits.keyAnswerTime);
  }

  /** Whether it was open; it no longer is. */
  close(request: KeyRequest): boolean {
    const name = nameOf(request);
    const expiresAt = this.#open.get(name) ?? 0;
    return this.#open.delete(name) && expiresAt > this.#options.clock();
  }
}
