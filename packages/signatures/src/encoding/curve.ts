/**
 * The curves P-256 and P-384 (SP 800-186, sections 3.2.1.3 and 3.2.1.4) as values: everything in which their keys and signatures
 * differ. The caller names the curve that it expects. It is never read from a key, so a key cannot choose by what rules it is judged.
 */
import { hexToBytes } from '@noble/hashes/utils.js';
import { entryOf, requireOptions } from '../input.ts';

/** The name of a curve, as JWKs and Web Crypto write it. */
export type Curve = 'P-384' | 'P-256';

/** The options of functions that make or read keys and signatures. */
export interface CurveOptions {
  /** The curve of the key. A key of another curve is refused. Default: `P-384`. */
  readonly curve?: Curve | undefined;
}

/** The sizes, numbers and headers of a curve. */
export interface CurveParameters {
  readonly name: Curve;
  /** The object identifier (RFC 5480, section 2.1.1.1): the content of its DER encoding in hexadecimal. */
  readonly oid: string;
  /** The size of a scalar (the private key, r, s) and of a coordinate. */
  readonly scalarBytes: number;
  /** The size of an uncompressed point: 0x04, x, y (SEC 1, section 2.3.3). */
  readonly pointBytes: number;
  /** The order n, in `scalarBytes` bytes, the first of which is not zero. */
  readonly order: Uint8Array;
  /** The largest low s, (n - 1) / 2, in `scalarBytes` bytes, the first of which is not zero. */
  readonly highestLow: Uint8Array;
  /** SEQUENCE { SEQUENCE { ecPublicKey, curve }, BIT STRING (no unused bits) of a point that begins with 0x04: up to this byte. */
  readonly spkiHead: Uint8Array;
  /** The `alg` of a JWK that means ECDSA on this curve with SHA-256 (RFC 7518, section 3.4); `null` if none does. */
  readonly jwkAlgorithm: string | null;
}

/** A public key: an uncompressed point of a curve. */
export interface PublicPoint {
  readonly curve: CurveParameters;
  readonly point: Uint8Array;
}

/** A private scalar in `scalarBytes` bytes, and the point that belongs to it. */
export interface KeyPair extends PublicPoint {
  readonly scalar: Uint8Array;
}

/** The first byte of an uncompressed point. */
export const uncompressed = 0x04;

const defaultCurve: Curve = 'P-384';

const curves: Readonly<Record<Curve, CurveParameters>> = {
  'P-384': {
    name: 'P-384',
    oid: '2b81040022', // 1.3.132.0.34
    scalarBytes: 48,
    pointBytes: 97,
    order: /* @__PURE__ */ hexToBytes(
      'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
    ),
    highestLow: /* @__PURE__ */ hexToBytes(
      '7fffffffffffffffffffffffffffffffffffffffffffffffe3b1a6c0fa1b96efac0d06d9245853bd76760cb5666294b9',
    ),
    spkiHead: /* @__PURE__ */ hexToBytes('3076301006072a8648ce3d020106052b8104002203620004'),
    jwkAlgorithm: null, // ES384 is with SHA-384
  },
  'P-256': {
    name: 'P-256',
    oid: '2a8648ce3d030107', // 1.2.840.10045.3.1.7
    scalarBytes: 32,
    pointBytes: 65,
    order: /* @__PURE__ */ hexToBytes('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'),
    highestLow: /* @__PURE__ */ hexToBytes('7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8'),
    spkiHead: /* @__PURE__ */ hexToBytes('3059301306072a8648ce3d020106082a8648ce3d03010703420004'),
    jwkAlgorithm: 'ES256',
  },
};

/**
 * Returns the curve that options name.
 *
 * @throws SignatureError `invalid-argument` for an unknown option or curve
 */
export function curveOf(options: CurveOptions): CurveParameters {
  requireOptions(options, 'options', ['curve']);
  return curveNamed(options.curve);
}

/**
 * Returns the curve of this name, the default if omitted.
 *
 * @throws SignatureError `invalid-argument` if there is none
 */
export function curveNamed(name: Curve = defaultCurve): CurveParameters {
  return entryOf(curves, name, 'curve');
}
