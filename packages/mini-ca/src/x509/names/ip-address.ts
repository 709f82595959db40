/** Converts IP addresses between text and 4 or 16 bytes (RFC 5280 section 4.2.1.6). */
import { isIP, isIPv4 } from 'node:net';
import { CaError } from '../../errors.ts';

const [ipv4Bytes, ipv6Bytes] = [4, 16];

/** True for an IPv4 or IPv6 address without a zone. */
export function isIpAddress(name: string): boolean {
  return typeof name === 'string' && isIP(name) !== 0 && !name.includes('%');
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':');
}

/**
 * Returns the bytes of an address.
 *
 * @param address an address for which `isIpAddress` is true
 */
export function ipBytes(address: string): Uint8Array {
  if (isIPv4(address)) return Uint8Array.from(address.split('.'), Number);
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')];
  const zeros = Array.from({ length: ipv6Bytes / 2 - before.length - after.length }, () => '0');
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/**
 * Returns the canonical text of an address. IPv6 has the form of URLs: lower case, the longest run of zeros as `::`.
 *
 * @throws CaError `malformed` for bytes of another length
 */
export function ipText(bytes: Uint8Array): string {
  if (bytes.length === ipv4Bytes) return bytes.join('.');
  if (bytes.length !== ipv6Bytes) throw new CaError('malformed', `an IP address of ${bytes.length} bytes`);
  const groups = Buffer.from(bytes)
    .toString('hex')
    .replace(/(.{4})(?!$)/g, '$1:');
  return new URL(`http://[${groups}]`).hostname.slice(1, -1);
}
