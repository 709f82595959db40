/** A public key that verifies signatures. */
import { type Curve, type CurveOptions, curveNamed } from '../encoding/curve.ts';
import { hasLowS, type SignatureEncoding, signatureCodec } from '../encoding/signature-encoding.ts';
import { encodeSpki } from '../encoding/spki.ts';
import { requireOptions } from '../input.ts';
import { importPublicKey, type PublicKeyInput, spkiFingerprint } from '../keys/public-key.ts';
import { type Domain, domainSeparated } from './domain.ts';

/** A public key that verifies signatures. */
export interface Verifier {
  /** The curve of the key. Objects of this library name it; one without it has a key of P-384. */
  readonly curve?: Curve | undefined;
  /** SPKI DER: 120 bytes for P-384, 91 for P-256. */
  readonly publicKey: Uint8Array;
  /** SHA-256 of `publicKey`: 64 lower-case hexadecimal digits. */
  readonly fingerprint: string;
  /**
   * Verifies that this key signed the data under this domain, that the signature has this encoding, and with the option `lowS`
   * also that its s is low.
   *
   * @param encoding `der` if omitted
   * @returns false for anything else, malformed signatures included
   * @throws SignatureError `invalid-argument` for a domain, data or encoding that cannot be signed
   */
  verify(domain: Domain, data: Uint8Array, signature: Uint8Array, encoding?: SignatureEncoding): boolean;
  /**
   * Verifies like `verify`, off the main thread where the platform can: several checks then run at once. `data` MUST NOT change
   * meanwhile.
   *
   * @throws SignatureError `invalid-argument` like `verify`, as a rejection
   */
  verifyAsync(domain: Domain, data: Uint8Array, signature: Uint8Array, encoding?: SignatureEncoding): Promise<boolean>;
}

/** The options of `importVerifier`. */
export interface VerifierOptions extends CurveOptions {
  /**
   * Accepts only signatures with a low s, as `Signer` makes them. So without the key, no second
   * valid signature can be computed from the first. Default: false, because openssl and other software make both.
   */
  readonly lowS?: boolean | undefined;
}

/**
 * Imports a public key, so that it can verify many signatures.
 *
 * @param publicKey SPKI DER (RFC 5480), the same in PEM (`PUBLIC KEY`), or a JWK as an object (RFC 7518)
 * @throws SignatureError `invalid-public-key` for other curves, points not on the curve, compressed points, any DER but the
 *   canonical one, and a JWK that is private, has coordinates of another length, or is reserved for another use by
 *   `use`, `key_ops` or `alg`; `invalid-argument` for unknown options
 */
export function importVerifier(publicKey: PublicKeyInput, options: VerifierOptions = {}): Verifier {
  requireOptions(options, 'options', ['lowS', 'curve']);
  const { lowS = false } = options;
  const key = importPublicKey(publicKey, curveNamed(options.curve));
  const { curve, verify, verifyAsync } = key;
  const accepted = (signature: Uint8Array, encoding: SignatureEncoding): Uint8Array | null => {
    const codec = signatureCodec(encoding);
    const der = codec.toDer(signature, curve);
    return der !== null && (!lowS || hasLowS(signature, codec, curve)) ? der : null;
  };
  const spki = encodeSpki(key);
  return Object.freeze({
    curve: curve.name,
    publicKey: spki,
    fingerprint: spkiFingerprint(spki),
    verify(domain: Domain, data: Uint8Array, signature: Uint8Array, encoding: SignatureEncoding = 'der') {
      const der = accepted(signature, encoding);
      const message = domainSeparated(domain, data);
      return der !== null && verify(message, der);
    },
    async verifyAsync(domain: Domain, data: Uint8Array, signature: Uint8Array, encoding: SignatureEncoding = 'der') {
      const der = accepted(signature, encoding);
      const message = domainSeparated(domain, data);
      return der !== null && (await verifyAsync(message, der));
    },
  });
}
