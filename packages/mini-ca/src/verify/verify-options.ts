/** The options of `verifyCertificate`, and their checks. */
import { type OptionNames, requireOptions, requireValidDate } from '../arguments.ts';
import { CaError, quoted } from '../errors.ts';
import type { CertificateInput } from '../x509/certificate.ts';
import { type Purpose, purposeIds } from '../x509/extensions.ts';
import type { RevocationListInput } from '../x509/read-crl.ts';
import type { VerifyProfile } from './conformance.ts';
import { maxPathIntermediates } from './path-search.ts';
import type { UnknownRevocation } from './revocation.ts';

/** Options of `verifyCertificate`. */
export interface VerifyOptions {
  /**
   * The trusted CA certificates. Their dates, purposes, path lengths and name constraints apply too (RFC 5937). They need not be
   * self-signed; their own signatures are not verified. One that cannot be read is left out and named in `leftOut`.
   */
  readonly anchors: readonly CertificateInput[];
  /** CA certificates for the path, in any order, at most 100. They are not trusted. */
  readonly intermediates?: readonly CertificateInput[];
  /** End entity certificates that are trusted without a path, such as the self-signed certificate of a server. */
  readonly pinned?: readonly CertificateInput[];
  /** The time for which to verify. */
  readonly at: Date;
  /** The required purpose. */
  readonly purpose: Purpose;
  /**
   * The rules beyond those of the path. `tls`: an end entity certificate that lists the purpose; identifiers may be absent. `rfc5280`:
   * what RFC 5280 obliges CAs to write is required, and leaves may be what it allows: a CA certificate, or one without an extended
   * key usage. `webpki`: `tls` and the form of `rfc5280`, and what the Baseline Requirements of the web's CAs add. Default: `tls`.
   */
  readonly profile?: VerifyProfile;
  /** The largest number of CAs between the leaf and the anchor, 0 to 8. Self-issued CAs do not count. Default: 8. */
  readonly maxIntermediates?: number;
  /** The host of the peer: a name in ASCII or an IP address. Default: the names of the certificate are not checked. */
  readonly name?: string;
  /** Revocation lists of any issuers, in any order. One that cannot be read is left out. */
  readonly crls?: readonly RevocationListInput[];
  /**
   * Whether to accept a certificate for whose issuer `crls` has no list. Default: `refuse` when `crls` is given, even if it is empty,
   * and otherwise `allow`.
   */
  readonly unknownRevocation?: UnknownRevocation;
}

const optionNames: OptionNames<VerifyOptions> = {
  anchors: true,
  intermediates: true,
  pinned: true,
  at: true,
  purpose: true,
  profile: true,
  maxIntermediates: true,
  name: true,
  crls: true,
  unknownRevocation: true,
};

const maxIntermediatesGiven = 100;
const verifyProfiles: readonly VerifyProfile[] = ['tls', 'rfc5280', 'webpki'];

/**
 * Requires options of the right form.
 *
 * @throws CaError `bad-argument`
 */
export function requireValidOptions(options: VerifyOptions): void {
  requireOptions('verifyCertificate', options, optionNames);
  const { at, purpose, anchors, intermediates = [], pinned = [], crls = [], profile = 'tls' } = options;
  const { unknownRevocation = 'allow', maxIntermediates = maxPathIntermediates } = options;
  requireValidDate('at', at);
  if (typeof purpose !== 'string' || !Object.hasOwn(purposeIds, purpose))
    throw new CaError('bad-argument', `no purpose ${quoted(purpose)}`);
  if (!verifyProfiles.includes(profile)) throw new CaError('bad-argument', `no profile ${quoted(profile)}`);
  if (unknownRevocation !== 'allow' && unknownRevocation !== 'refuse') {
    throw new CaError('bad-argument', '`unknownRevocation` is neither "allow" nor "refuse"');
  }
  for (const [name, list] of Object.entries({ anchors, intermediates, pinned, crls })) {
    if (!Array.isArray(list)) throw new CaError('bad-argument', `\`${name}\` is not an array`);
  }
  if (!Number.isInteger(maxIntermediates) || maxIntermediates < 0 || maxIntermediates > maxPathIntermediates) {
    throw new CaError('bad-argument', `\`maxIntermediates\` is a whole number from 0 to ${maxPathIntermediates}`);
  }
  if (intermediates.length > maxIntermediatesGiven) {
    throw new CaError(
      'bad-argument',
      `${intermediates.length} intermediates: at most ${maxIntermediatesGiven} are allowed`,
    );
  }
}
