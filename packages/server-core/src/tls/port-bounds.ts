/** How many connections each port takes, from the limits of the server. */
import type { ServerLimits } from '../limits/limits.ts';

/** Numbers of connections of one port. */
export interface PortBounds {
  /** Number of connections without a proof of identity, in all and for each host. */
  readonly maxUnproven: number;
  readonly maxUnprovenPerHost: number;
  /** Number of open sockets. The system's queue takes more of them; it is reached only when the limits above are not kept. */
  readonly maxSockets: number;
}

/** Returns the bounds of the chat port. */
export const chatBounds = ({ connections, waitingConnections, waitingPerHost }: ServerLimits): PortBounds => ({
  maxUnproven: waitingConnections,
  maxUnprovenPerHost: waitingPerHost,
  maxSockets: connections + 2 * waitingConnections,
});

/** Returns the bounds of the enrolment port. */
export const enrolmentBounds = ({ enrolmentConnections, enrolmentPerHost }: ServerLimits): PortBounds => ({
  maxUnproven: enrolmentConnections,
  maxUnprovenPerHost: enrolmentPerHost,
  maxSockets: 4 * enrolmentConnections,
});
