/** Why the server could not listen, in terms of the options. */
import { asComplaint, Complaint, systemCode } from './command-error.ts';
import type { Settings } from './config/settings.ts';

export function listenComplaint(error: unknown, { host, chatPort, enrolmentPort }: Settings): Complaint {
  const port = error instanceof Error && 'port' in error ? error.port : undefined;
  const option = port === chatPort && port !== enrolmentPort ? '--chat-port' : '--enrol-port';
  switch (systemCode(error)) {
    case 'EADDRINUSE':
      return new Complaint(
        `Port ${port} on ${host} is in use: stop the program that has it, or take another with ${option}.`,
        { cause: error },
      );
    case 'EACCES':
    case 'EPERM':
      return new Complaint(`Port ${port} is not for every user: take one above 1023 with ${option}.`, { cause: error });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAFNOSUPPORT':
    case 'EINVAL':
      return new Complaint(`${host} is not an address of this machine: name one with --host.`, { cause: error });
    default:
      return asComplaint(error);
  }
}
