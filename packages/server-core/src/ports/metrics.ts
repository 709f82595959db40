/** What a server counts and times, for an operator's monitoring. */
import type { ErrorCode } from '@chat/protocol';

/** A port that clients connect to. */
export type Service = 'chat' | 'enrolment';

/**
 * Takes counts and times. Every function is called while clients wait, so it MUST be cheap and MUST NOT throw. What it gets comes from
 * fixed sets of values: never the name of a user, a room or a host.
 */
export interface Metrics {
  /** Returns milliseconds of a clock that only goes forward. */
  now(): number;
  /** A client has completed its TLS handshake. */
  connected(service: Service): void;
  /** A client's TLS handshake has failed, or its certificate was refused. */
  handshakeFailed(service: Service): void;
  /** A connection was dropped because too many are open, or because its host has failed too often. */
  dropped(service: Service): void;
  /** The server has ended a connection for this reason. */
  ended(service: Service, code: ErrorCode): void;
  /**
   * A request was answered.
   *
   * @param op the operation; `unknown` for one that the port does not have
   * @param code the reason of the refusal; null when the request was carried out
   * @param ms milliseconds from its arrival to its answer
   */
  answered(op: string, code: ErrorCode | null, ms: number): void;
  /** These pushes of a room, of so many bytes together, were queued for each of so many readers. */
  fannedOut(pushes: number, bytes: number, readers: number): void;
}

const nothing = (): void => {};

/** Counts nothing. */
export const noMetrics: Metrics = {
  now: () => 0,
  connected: nothing,
  handshakeFailed: nothing,
  dropped: nothing,
  ended: nothing,
  answered: nothing,
  fannedOut: nothing,
};
