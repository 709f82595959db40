/** Explains why the server cannot listen, in terms of its options. */
import { codeOf } from '@chat/protocol';
import type { Address } from '@chat/server-core';
import { asCommandError, CommandError } from '../command-error.ts';

/** Where a server listens. */
export interface ServerAddresses {
  readonly host: string;
  readonly chatPort: number;
  readonly enrolmentPort: number;
}

/** Returns an error that names the option to change. */
export function listenError(error: unknown, { host, chatPort, enrolmentPort }: ServerAddresses): CommandError {
  const port = error instanceof Error && 'port' in error ? error.port : undefined;
  const option = port === chatPort && port !== enrolmentPort ? '--chat-port' : '--enrol-port';
  return explained(error, { host, port, hostOption: '--host', portOption: option });
}

/** Returns the same for the port of the metrics. */
export const metricsListenError = (error: unknown, { host, port }: Address): CommandError =>
  explained(error, { host, port, hostOption: '--metrics-host', portOption: '--metrics-port' });

interface Place {
  readonly host: string;
  readonly port: unknown;
  /** The options that set them. */
  readonly hostOption: string;
  readonly portOption: string;
}

function explained(error: unknown, { host, port, hostOption, portOption: option }: Place): CommandError {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return new CommandError(
        'cannot-listen',
        `Port ${port} on ${host} is in use: stop the program that uses it, or choose another port with ${option}.`,
        { cause: error },
      );
    case 'EACCES':
    case 'EPERM':
      return new CommandError(
        'cannot-listen',
        `This user may not listen on port ${port}: choose a port above 1023 with ${option}.`,
        { cause: error },
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAFNOSUPPORT':
    case 'EINVAL':
      return new CommandError(
        'cannot-listen',
        `${host} is not an address of this machine: choose one that is with ${hostOption}.`,
        { cause: error },
      );
    default:
      return asCommandError(error);
  }
}
