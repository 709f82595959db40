/** Which hosts mean this machine only, which mean all of its addresses, and what others should call it. */
import { BlockList, isIP } from 'node:net';
import { hostname } from 'node:os';
import { Complaint } from '../command-error.ts';
import { isUsableHost } from './option-table.ts';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

export function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return host.toLowerCase() === 'localhost';
  return loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

const everywhere = new BlockList();
everywhere.addAddress('0.0.0.0');
everywhere.addAddress('::', 'ipv6');

/** The name under which others find a server that listens on `host`. Throws `Complaint`. */
export function publicHostOf(host: string, machine: string = hostname()): string {
  const family = isIP(host);
  if (family === 0 || !everywhere.check(host, family === 6 ? 'ipv6' : 'ipv4')) return host;
  if (isUsableHost(machine)) return machine;
  throw new Complaint(
    `This machine calls itself ${JSON.stringify(machine)}, which others cannot use: name it with --public-host.`,
  );
}
