/** The table of suites: each is a key agreement with HKDF-SHA-256 and AES-128-GCM. SEC 1, NIST SP 800-186, RFC 7748. */
import { HubError, type HubErrorCode } from './errors.ts';

/** The key agreement of a key pair, an envelope or a group. `P-384` is the default. */
export type Suite = 'P-384' | 'P-256' | 'X25519';

/** The sizes and forms of a suite's keys. */
export interface SuiteParameters {
  readonly name: Suite;
  /** The byte that stands for the suite on the wire. */
  readonly id: number;
  readonly privateKeyBytes: number;
  readonly publicKeyBytes: number;
  /** The size of an ephemeral public key in an announcement. */
  readonly announcedKeyBytes: number;
  /** The first byte of each public key: 4 for an uncompressed point (SEC 1, section 2.3.3). `null` if the form has no tag. */
  readonly publicKeyTag: number | null;
  /** Private keys are big-endian numbers from 1 to `order` - 1. `null` if every string of the right size is a private key. */
  readonly order: Uint8Array | null;
}

/** The suite that is used if the caller names none. */
export const defaultSuite: Suite = 'P-384';

const suites: Readonly<Record<Suite, SuiteParameters>> = {
  'P-384': {
    name: 'P-384',
    id: 1,
    privateKeyBytes: 48,
    publicKeyBytes: 97,
    announcedKeyBytes: 49,
    publicKeyTag: 4,
    order: bytesOf('ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973'),
  },
  'P-256': {
    name: 'P-256',
    id: 2,
    privateKeyBytes: 32,
    publicKeyBytes: 65,
    announcedKeyBytes: 33,
    publicKeyTag: 4,
    order: bytesOf('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'),
  },
  X25519: {
    name: 'X25519',
    id: 3,
    privateKeyBytes: 32,
    publicKeyBytes: 32,
    announcedKeyBytes: 32,
    publicKeyTag: null,
    order: null,
  },
};

/**
 * Returns the parameters of a suite. Callers pass the name, so it may be any value.
 *
 * @throws HubError `code` if no suite has this name
 */
export function requireSuite(name: Suite, code: HubErrorCode): SuiteParameters {
  if (typeof name === 'string' && Object.hasOwn(suites, name)) return suites[name];
  throw new HubError(code, `unknown suite; known are ${Object.keys(suites).join(', ')}`);
}

/** Returns the suite that this byte stands for on the wire, or `null`. */
export function suiteOfId(id: number): SuiteParameters | null {
  return Object.values(suites).find((suite) => suite.id === id) ?? null;
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
