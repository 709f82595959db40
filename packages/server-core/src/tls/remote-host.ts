/** The host of a connection, by which connections are counted. An IPv6 host has 2^64 addresses (RFC 4291). */
import { isIPv6 } from 'node:net';

/** Returns the IPv4 address, also of an IPv4-mapped IPv6 address; for other IPv6 addresses the network of 64 bits. */
export function remoteHost(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = [], tail = []] = address
    .replace(/%.*$/, '')
    .split('::')
    .map((part) => part.split(':').filter((group) => group !== ''));
  // A trailing IPv4 address stands for two groups.
  const given = head.length + tail.length + (address.includes('.') ? 1 : 0);
  const groups = [...head, ...Array<string>(8 - given).fill('0'), ...tail];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
