/** Heartbeats: the server passes each on and stores none. Their readers verify them, as they do messages. */
import { fromBase64url, ProtocolError, type RoomId, type SignedHeartbeat } from '@chat/protocol';
import { isLowS } from '@chat/signatures';
import type { RegisteredUser } from '../identity/registered-user.ts';
import type { ServerLimits } from '../limits/limits.ts';
import { Quota } from '../throttle/quota.ts';
import { liveSize, seconds } from '../throttle/token-bucket.ts';

/** Options of `Heartbeats`. `clock` returns milliseconds. */
export interface HeartbeatsOptions {
  readonly clock: () => number;
  readonly limits: Pick<ServerLimits, 'heartbeatsSentPerMinute'>;
}

/** Bounds the heartbeats of each user in each room. */
export class Heartbeats {
  readonly #options: HeartbeatsOptions;
  readonly #quota: Quota;

  constructor(options: HeartbeatsOptions) {
    this.#options = options;
    this.#quota = new Quota(liveSize(seconds.minute, () => options.limits.heartbeatsSentPerMinute));
  }

  /**
   * Requires that the heartbeat names the user as its signer, and counts it.
   *
   * @throws ProtocolError `entry-refused`, `limit-reached`
   */
  admit(roomId: RoomId, { by, signature }: SignedHeartbeat, { user, fingerprint }: RegisteredUser): void {
    if (by !== fingerprint || !isLowS(fromBase64url(signature))) {
      throw new ProtocolError(
        'entry-refused',
        'The heartbeat is not signed with your registered key: sign it as the protocol says.',
      );
    }
    const { clock, limits } = this.#options;
    if (this.#quota.take(`${user} ${roomId}`, clock())) return;
    throw new ProtocolError(
      'limit-reached',
      `You can send ${limits.heartbeatsSentPerMinute} heartbeats a minute to one room: wait before you send the next.`,
    );
  }
}
