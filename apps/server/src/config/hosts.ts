/** Classifies host names and addresses, and finds the host under which others reach this machine. */
import { BlockList, isIP } from 'node:net';
import { hostname } from 'node:os';
import { isHostName, isIpAddress } from '@chat/mini-ca';
import { formatInvitationLine, parseInvitationLine } from '@chat/protocol';
import { CommandError } from '../command-error.ts';

/** Returns true when a host can stand unchanged in the server's certificate and in an invitation line. */
export function isUsableHost(host: string): boolean {
  if (!isHostName(host) && !isIpAddress(host)) return false;
  return parseInvitationLine(formatInvitationLine({ host, port: 1 }))?.host === host;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** Returns true when only this machine can reach a host. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return host.toLowerCase() === 'localhost';
  return loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

const everyAddress = new BlockList();
everyAddress.addAddress('0.0.0.0');
everyAddress.addAddress('::', 'ipv6');

/**
 * Returns the host under which others reach a server that listens on `host`: the host itself, or this machine's name when
 * the server listens on every address.
 *
 * @throws CommandError `public-host` when others cannot use this machine's name
 */
export function publicHostOf(host: string, machineName: string = hostname()): string {
  const family = isIP(host);
  if (family === 0 || !everyAddress.check(host, family === 6 ? 'ipv6' : 'ipv4')) return host;
  if (isUsableHost(machineName)) return machineName;
  throw new CommandError(
    'public-host',
    `The name of this machine, ${JSON.stringify(machineName)}, is not a host name: name one with --public-host.`,
  );
}
