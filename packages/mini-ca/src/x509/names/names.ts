/**
 * The names that this library writes into certificates and reads from them: two attributes of the subject and four kinds of subject
 * alternative name (RFC 5280 sections 4.1.2.6 and 4.2.1.6). Names are checked both when they are written and when they are read.
 */
import { type OptionNames, requireOptions } from '../../arguments.ts';
import { CaError, quoted } from '../../errors.ts';
import { ipBytes, ipText, isIpAddress } from './ip-address.ts';

/** The names of a certificate. A kind without names is absent. */
export interface Names {
  /** At most 64 characters. */
  commonName?: string;
  /** At most 64 characters. */
  organization?: string;
  /** Host names in ASCII; the first label may be `*`. */
  dns?: string[];
  /** IPv4 and IPv6 addresses as text. IPv6 is normalized to the form of URLs: lower case, longest run of zeros as `::`. */
  ip?: string[];
  /** Absolute URIs in ASCII. */
  uri?: string[];
  /** Mail addresses in ASCII. */
  email?: string[];
}

/** A kind of alternative name. */
export type AlternativeKind = 'dns' | 'ip' | 'uri' | 'email';
/** The kinds of alternative name, in the order in which they are encoded. */
export const alternativeKinds: readonly AlternativeKind[] = ['dns', 'ip', 'uri', 'email'];

const maxAlternativeNames = 100;

const nameKinds: OptionNames<Names> = {
  commonName: true,
  organization: true,
  dns: true,
  ip: true,
  uri: true,
  email: true,
};

/** Control characters, lone surrogates, line separators, and marks that reorder text. */
const unprintable = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const label = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const hostName = new RegExp(`^(?:\\*\\.)?${label}(?:\\.${label})*$`, 'i');
const allDigits = /(?:^|\.)\d+$/;

function isText(name: string): boolean {
  return name.length > 0 && [...name].length <= 64 && !unprintable.test(name);
}

/** True for a host name in ASCII, which may begin with `*.`. The last label must not be a number, so that no address is a name. */
export function isHostName(name: string): boolean {
  return typeof name === 'string' && name.length <= 253 && hostName.test(name) && !allDigits.test(name);
}

const checks: Readonly<Record<AlternativeKind | 'commonName' | 'organization', (name: string) => boolean>> = {
  commonName: isText,
  organization: isText,
  dns: isHostName,
  ip: isIpAddress,
  uri: (name) => name.length <= 2048 && /^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/i.test(name),
  email: (name) => name.length <= 320 && /^[!#-'*+\-./0-9=?A-Z^-~]+@[a-z0-9.-]+$/i.test(name),
};

/** Returns the error for a name that is not valid. */
export function badName(kind: string, value: unknown): CaError {
  return new CaError('bad-name', `${quoted(value)} is not a valid ${kind} name`);
}

/** True for a name of this kind that certificates may have. */
export function isValidName(kind: keyof typeof checks, name: unknown): name is string {
  return typeof name === 'string' && checks[kind](name);
}

/**
 * Checks all names and returns a copy with normalized addresses and without empty kinds.
 *
 * @throws CaError `bad-name`
 */
export function checkNames(names: Names): Names {
  requireOptions('an object of names', names, nameKinds);
  const checked: Names = {};
  for (const kind of ['commonName', 'organization'] as const) {
    const value = names[kind];
    if (value === undefined) continue;
    if (!isValidName(kind, value)) throw badName(kind, value);
    checked[kind] = value;
  }
  let count = 0;
  for (const kind of alternativeKinds) {
    const values = names[kind] ?? [];
    if (!Array.isArray(values)) throw badName(kind, values);
    for (const value of values) if (!isValidName(kind, value)) throw badName(kind, value);
    count += values.length;
    if (values.length > 0)
      checked[kind] = kind === 'ip' ? values.map((address) => ipText(ipBytes(address))) : [...values];
  }
  requireFew(count);
  return checked;
}

/**
 * Requires a number of alternative names that a certificate may have.
 *
 * @throws CaError `bad-name`
 */
export function requireFew(count: number): void {
  if (count > maxAlternativeNames) {
    throw new CaError('bad-name', `${count} alternative names: at most ${maxAlternativeNames} are allowed`);
  }
}

/** True when there is an alternative name of any kind. */
export function hasAlternatives(names: Names): boolean {
  return alternativeKinds.some((kind) => (names[kind] ?? []).length > 0);
}
