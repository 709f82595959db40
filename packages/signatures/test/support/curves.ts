/** The curves under test, with numbers and sizes that do not come from the library. */
import { type CurveParameters, curveNamed, type KeyPair } from '../../src/encoding/curve.ts';
import type { Curve, CurveOptions } from '../../src/index.ts';
import { native } from './engine.ts';
import { toBytes } from './inputs.ts';

/** A curve, as tests use it. */
export interface TestCurve {
  readonly name: Curve;
  readonly other: Curve;
  /** The order n. */
  readonly order: bigint;
  /** The size p of the field. */
  readonly prime: bigint;
  readonly scalarBytes: number;
  readonly spkiBytes: number;
  readonly pkcs8Bytes: number;
  /** The size of the longest signature in DER. */
  readonly derBytes: number;
  /** The name of the curve in OpenSSL. */
  readonly opensslName: string;
  /** The curve, as functions of the library's inside take it. */
  readonly parameters: CurveParameters;
  /** The curve, as functions that the library exports take it. */
  readonly options: CurveOptions;
}

export const p384: TestCurve = {
  name: 'P-384',
  other: 'P-256',
  order: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  prime: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
  scalarBytes: 48,
  spkiBytes: 120,
  pkcs8Bytes: 185,
  derBytes: 104,
  opensslName: 'secp384r1',
  parameters: curveNamed('P-384'),
  options: { curve: 'P-384' },
};

export const p256: TestCurve = {
  name: 'P-256',
  other: 'P-384',
  order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  prime: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
  scalarBytes: 32,
  spkiBytes: 91,
  pkcs8Bytes: 138,
  derBytes: 72,
  opensslName: 'prime256v1',
  parameters: curveNamed('P-256'),
  options: { curve: 'P-256' },
};

export const curves: readonly TestCurve[] = [p384, p256];

/** Generates a key pair of a curve. */
export const newPair = ({ parameters }: TestCurve): KeyPair => native.backend.generateKeyPair(parameters);

/** Returns the key pair of a private scalar. */
export const pairOf = ({ parameters, scalarBytes }: TestCurve, value: bigint): KeyPair => {
  const scalar = toBytes(value, scalarBytes);
  return { curve: parameters, scalar, point: native.backend.publicPoint(scalar, parameters) };
};
