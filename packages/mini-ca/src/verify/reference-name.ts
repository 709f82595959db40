/** Checks that a certificate is for a host (RFC 9525 section 6). Only alternative names count, never the common name. */
import { CaError, quoted } from '../errors.ts';
import { ipBytes, ipText, isIpAddress } from '../x509/names/ip-address.ts';
import { isHostName, type Names } from '../x509/names/names.ts';
import type { VerifyProfile } from './conformance.ts';

/** A host in the form that certificates use. */
export interface ReferenceName {
  readonly kind: 'dns' | 'ip';
  readonly text: string;
}

/**
 * Returns the reference name of a host.
 *
 * @param name a host name in ASCII (A-labels) without a dot at the end, or an IP address without brackets
 * @throws CaError `bad-argument`
 */
export function referenceName(name: string): ReferenceName {
  if (isIpAddress(name)) return { kind: 'ip', text: ipText(ipBytes(name)) };
  if (isHostName(name) && !name.startsWith('*')) return { kind: 'dns', text: name.toLowerCase() };
  throw new CaError('bad-argument', `${quoted(name)} is neither a host name in ASCII nor an IP address`);
}

/** A wildcard stands for the whole first label. It does not match all hosts of a top-level domain. */
function isHostOf(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === host;
  const [domain, dot] = [pattern.slice(1), host.indexOf('.')];
  return dot > 0 && host.slice(dot) === domain && domain.indexOf('.', 1) > 0;
}

/**
 * Requires that the names include the host. For the profiles with rules of form, a name with an underscore is not a host name
 * (RFC 5280 section 4.2.1.6).
 *
 * @throws CaError `wrong-name`
 */
export function requireName(names: Names, { kind, text }: ReferenceName, profile: VerifyProfile): void {
  const { dns = [], ip = [] } = names;
  const usable = profile === 'tls' ? dns : dns.filter((name) => !name.includes('_'));
  const found = kind === 'ip' ? ip.includes(text) : usable.some((pattern) => isHostOf(pattern.toLowerCase(), text));
  if (found) return;
  const listed = [...dns, ...ip].slice(0, 5).map(quoted).join(', ') || 'none';
  throw new CaError(
    'wrong-name',
    `the certificate is not for ${quoted(text)}; its host names and addresses: ${listed}`,
  );
}
