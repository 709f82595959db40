/** The table of suites: each is a key agreement with HKDF-SHA-256 and AES-128-GCM. SEC 1, NIST SP 800-186, RFC 7748. */
import { HubError, type HubErrorCode } from '../errors.ts';

/** The key agreement in use; `P-384` is the default. */
export type Suite = 'P-384' | 'P-256' | 'X25519';

/** What the rest of the library knows of a suite. */
export interface SuiteParameters {
  readonly name: Suite;
  /** Its byte on the wire. */
  readonly id: number;
  readonly privateKeyBytes: number;
  readonly publicKeyBytes: number;
  /** Of an ephemeral key as an epoch announces it. */
  readonly announcedKeyBytes: number;
  /** The first byte of each public key, where the form has one: 4 is an uncompressed point, SEC 1 section 2.3.3. */
  readonly publicKeyTag: number | undefined;
  /** Private keys are big-endian from 1 to `order` - 1; without an order every string of the right size is one. */
  readonly order: Uint8Array | undefined;
}

export const DEFAULT_SUITE: Suite = 'P-384';

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
    publicKeyTag: undefined,
    order: undefined,
  },
};

/** The suite of that name, or `code` thrown. Names come from callers, so anything may be one. */
export function suiteNamed(name: Suite, code: HubErrorCode): SuiteParameters {
  if (Object.hasOwn(suites, name)) return suites[name];
  throw new HubError(code, `unknown suite; known are ${Object.keys(suites).join(', ')}`);
}

/** The suite of that byte on the wire, if there is one. */
export function suiteWithId(id: number): SuiteParameters | undefined {
  return Object.values(suites).find((suite) => suite.id === id);
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
