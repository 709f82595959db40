/**
 * The table of suites: each is a key encapsulation with HKDF-SHA-256 and AES-GCM. SEC 1, NIST SP 800-186, RFC 7748, and
 * draft-connolly-cfrg-xwing-kem-10.
 */
import { HubError, type HubErrorCode } from './errors.ts';

/** A suite whose key pairs agree by Diffie-Hellman on one curve. */
export type CurveSuite = Exclude<Suite, 'X-Wing'>;

/**
 * The kind of a key pair, an envelope or a group. `P-384` is the default. `X-Wing` is X25519 and ML-KEM-768 together, so that
 * a quantum computer alone does not open what was wrapped.
 */
export type Suite = 'P-384' | 'P-256' | 'X25519' | 'X-Wing';

/** The sizes and forms of a suite's keys. */
interface Parameters<Name extends Suite> {
  readonly name: Name;
  /** The byte that stands for the suite on the wire. */
  readonly id: number;
  readonly privateKeyBytes: number;
  readonly publicKeyBytes: number;
  /** The size of an encapsulation. With a curve it is an ephemeral public key in the form of `KeyPair.publicKey`. */
  readonly encapsulationBytes: number;
  /** The size of the secret that `Kem` makes. */
  readonly sharedSecretBytes: number;
  /** The size of an ephemeral public key in an announcement. 0 if each wrap holds an encapsulation of its own. */
  readonly announcedKeyBytes: number;
  /** The size of the AES key of a wrap. */
  readonly wrappingKeyBytes: number;
  /** The first byte of each public key: 4 for an uncompressed point (SEC 1, section 2.3.3). `null` if the form has no tag. */
  readonly publicKeyTag: number | null;
  /** Private keys are big-endian numbers from 1 to `order` - 1. `null` if every string of the right size is a private key. */
  readonly order: Uint8Array | null;
}

/** The parameters of a suite of one curve. */
export type CurveParameters = Parameters<CurveSuite>;

/** The parameters of any suite. */
export type SuiteParameters = CurveParameters | Parameters<'X-Wing'>;

/** The suite that is used if the caller names none. */
export const defaultSuite: Suite = 'P-384';

const suites: Readonly<Record<CurveSuite, CurveParameters> & Record<'X-Wing', Parameters<'X-Wing'>>> = {
  'P-384': {
    name: 'P-384',
    id: 1,
    privateKeyBytes: 48,
    publicKeyBytes: 97,
    encapsulationBytes: 97,
    sharedSecretBytes: 48,
    announcedKeyBytes: 49,
    wrappingKeyBytes: 16,
    publicKeyTag: 4,
    order: bytesOf('ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973'),
  },
  'P-256': {
    name: 'P-256',
    id: 2,
    privateKeyBytes: 32,
    publicKeyBytes: 65,
    encapsulationBytes: 65,
    sharedSecretBytes: 32,
    announcedKeyBytes: 33,
    wrappingKeyBytes: 16,
    publicKeyTag: 4,
    order: bytesOf('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'),
  },
  X25519: {
    name: 'X25519',
    id: 3,
    privateKeyBytes: 32,
    publicKeyBytes: 32,
    encapsulationBytes: 32,
    sharedSecretBytes: 32,
    announcedKeyBytes: 32,
    wrappingKeyBytes: 16,
    publicKeyTag: null,
    order: null,
  },
  'X-Wing': {
    name: 'X-Wing',
    id: 4,
    privateKeyBytes: 32,
    publicKeyBytes: 1216,
    encapsulationBytes: 1120,
    sharedSecretBytes: 32,
    announcedKeyBytes: 0,
    // A search by a quantum computer halves the bits of a symmetric key.
    wrappingKeyBytes: 32,
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
