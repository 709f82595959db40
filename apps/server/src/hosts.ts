/** Which hosts mean this machine only, which mean all of its addresses, and what others should call it. */
import { BlockList, isIP } from 'node:net';
import { hostname } from 'node:os';

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

/** The name under which others find a server that listens on `host`. */
export function publicHostOf(host: string, machine: string = hostname()): string {
  const family = isIP(host);
  return family !== 0 && everywhere.check(host, family === 6 ? 'ipv6' : 'ipv4') ? machine : host;
}
