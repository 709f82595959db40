/** What all sessions of a server share. */
import type { UserRevocation } from '../domain/user-revocation.ts';
import type { ChatServices } from '../handlers/chat-call.ts';
import type { Enrolment } from '../identity/enrolment.ts';
import type { ServerLimits } from '../limits/limits.ts';
import type { Directory } from '../ports/directory.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { RequestRates } from '../throttle/request-rate.ts';
import type { FrameTap } from '../wire/frame-socket.ts';
import type { Feeds } from './feeds.ts';
import type { Sessions } from './sessions.ts';

/** The parts of the server that every session uses. */
export interface SessionContext {
  /** The server id: fingerprint of the server's first CA certificate. */
  readonly serverId: string;
  readonly directory: Directory;
  readonly services: ChatServices;
  readonly feeds: Feeds;
  readonly enrolment: Enrolment;
  readonly revocation: UserRevocation;
  readonly sessions: Sessions;
  readonly rates: RequestRates;
  readonly limits: ServerLimits;
  readonly clock: () => number;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly tap: FrameTap | undefined;
}
