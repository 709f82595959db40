/** IP addresses between text and bytes: 4 of them or 16 (RFC 5280 section 4.2.1.6). */
import { isIP, isIPv4 } from 'node:net';
import { CaError } from '../../errors.ts';

const [ipv4Bytes, ipv6Bytes] = [4, 16];

/** True for an IPv4 or IPv6 address without a zone. */
export function isIpAddress(name: string): boolean {
  return isIP(name) !== 0 && !name.includes('%');
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':');
}

/** @param address as `isIpAddress` lets it through */
export function ipBytes(address: string): Uint8Array {
  if (isIPv4(address)) return Uint8Array.from(address.split('.'), Number);
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')];
  const zeros = Array.from({ length: ipv6Bytes / 2 - before.length - after.length }, () => '0');
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/**
 * The same address always as the same text: of IPv6 the form that URLs have, lower case, longest run of zeros as `::`.
 *
 * @throws CaError `malformed` for another length
 */
export function ipText(bytes: Uint8Array): string {
  if (bytes.length === ipv4Bytes) return bytes.join('.');
  if (bytes.length !== ipv6Bytes) throw new CaError('malformed', `an IP address of ${bytes.length} bytes`);
  const groups = Buffer.from(bytes)
    .toString('hex')
    .replace(/(.{4})(?!$)/g, '$1:');
  return new URL(`http://[${groups}]`).hostname.slice(1, -1);
}
