/**
 * `verifyCertificate`: is this certificate to be trusted, at this time, for this purpose? Paths are of one step for now,
 * a leaf directly under an anchor; everything outside of that is refused.
 */
import { type Certificate, type ParsedCertificate, parseCertificate } from './certificate.ts';
import { CaError } from './errors.ts';
import type { Purpose } from './extensions.ts';
import { requireIssuer, requireLeaf, requireLink, requireValidAt } from './path-rules.ts';

export interface VerifyOptions {
  /** The CA certificates that are trusted, PEM or DER. */
  readonly anchors: readonly (string | Uint8Array)[];
  readonly at: Date;
  readonly purpose: Purpose;
}

/** A certificate that was found to be trustworthy, and the path that shows it. */
export interface VerifiedPath {
  readonly certificate: Certificate;
  /** From the leaf to the anchor. */
  readonly path: readonly Certificate[];
}

/** Signature first: nothing that a certificate says matters before it is known who said it. */
function verifyUnder(leaf: ParsedCertificate, anchor: ParsedCertificate, { at, purpose }: VerifyOptions): VerifiedPath {
  requireLink(leaf, anchor);
  requireIssuer(anchor, purpose);
  requireValidAt(anchor, at);
  requireLeaf(leaf, purpose);
  requireValidAt(leaf, at);
  return { certificate: leaf.info, path: [leaf.info, anchor.info] };
}

/**
 * Verifies a TLS certificate against the anchors given (RFC 5280 section 6). Returns only if every check has passed.
 *
 * @param leaf PEM or DER
 * @throws CaError of form: `malformed`, `bad-name`, `bad-argument`
 * @throws CaError of the path: `unknown-issuer`, `key-identifier-mismatch`, `bad-signature`, `not-a-ca`
 * @throws CaError of either certificate: `unknown-critical-extension`, `weak-key`, `weak-digest`,
 *   `unsupported-algorithm`, `not-yet-valid`, `expired`, `wrong-purpose`; of the leaf `leaf-is-ca`
 */
export function verifyCertificate(leaf: string | Uint8Array, options: VerifyOptions): VerifiedPath {
  if (Number.isNaN(options.at.getTime())) throw new CaError('bad-argument', '`at` is not a date');
  const parsed = parseCertificate(leaf);
  const candidates = options.anchors
    .map((anchor) => parseCertificate(anchor))
    .filter(({ subjectName }) => Buffer.compare(subjectName, parsed.issuerName) === 0);

  // Several anchors of one name are a CA whose key or certificate was renewed: any one of them will do.
  let failure = new CaError('unknown-issuer', 'no anchor has the name of the issuer');
  for (const anchor of candidates) {
    try {
      return verifyUnder(parsed, anchor, options);
    } catch (error) {
      if (!(error instanceof CaError)) throw error;
      if (failure.code === 'unknown-issuer' || failure.code === 'key-identifier-mismatch') failure = error;
    }
  }
  throw failure;
}
