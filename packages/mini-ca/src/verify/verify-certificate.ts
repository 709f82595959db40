/** `verifyCertificate`: decides whether a certificate is trusted, for a time, a purpose and a host (RFC 5280 section 6). */
import { CaError, quoted } from '../errors.ts';
import {
  type Certificate,
  type CertificateInput,
  type ParsedCertificate,
  parseCertificate,
} from '../x509/certificate.ts';
import { type Purpose, purposeIds } from '../x509/extensions.ts';
import { parseRevocationList, type RevocationListInput } from '../x509/read-crl.ts';
import { constrainedNames, requirePermitted } from './name-rules.ts';
import { checkCertificate, failureOf, PathFailures } from './path-failure.ts';
import { isSelfIssued, requireLeaf, requireValidAt } from './path-rules.ts';
import { type Path, PathSearch } from './path-search.ts';
import { type ReferenceName, referenceName, requireName } from './reference-name.ts';
import { RevocationCheck, type UnknownRevocation } from './revocation.ts';
import { WorkBudget } from './work-budget.ts';

/** Options of `verifyCertificate`. */
export interface VerifyOptions {
  /**
   * The trusted CA certificates. Their dates, purposes, path lengths and name constraints apply too (RFC 5937). They need not be
   * self-signed; their own signatures are not verified.
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
  /** The host of the peer: a name in ASCII or an IP address. Default: the names of the certificate are not checked. */
  readonly name?: string;
  /** Revocation lists of any issuers, in any order. */
  readonly crls?: readonly RevocationListInput[];
  /**
   * Whether to accept a certificate for whose issuer `crls` has no list. Default: `refuse` when `crls` is given, even if it is empty,
   * and otherwise `allow`.
   */
  readonly unknownRevocation?: UnknownRevocation;
}

/** The result of a successful verification. */
export interface VerifiedPath {
  /** The verified certificate. */
  readonly certificate: Certificate;
  /** The path from the leaf to the anchor; only the leaf if it is pinned. */
  readonly path: readonly Certificate[];
}

const maxIntermediatesGiven = 100;

/**
 * Requires options of the right form.
 *
 * @throws CaError `bad-argument`
 */
function requireValidOptions({ at, purpose, intermediates = [] }: VerifyOptions): void {
  if (Number.isNaN(at.getTime())) throw new CaError('bad-argument', '`at` is not a date');
  if (!Object.hasOwn(purposeIds, purpose)) throw new CaError('bad-argument', `no purpose ${quoted(purpose)}`);
  if (intermediates.length > maxIntermediatesGiven) {
    throw new CaError(
      'bad-argument',
      `${intermediates.length} intermediates: at most ${maxIntermediatesGiven} are allowed`,
    );
  }
}

/** Parses certificates. Returns an error in place of each that cannot be parsed; its message names the certificate. */
function parseAll(given: readonly CertificateInput[], role: string): (ParsedCertificate | CaError)[] {
  return given.map((certificate, i) => {
    try {
      return parseCertificate(certificate);
    } catch (error) {
      if (!(error instanceof CaError) || error.code === 'bad-argument') throw error;
      return new CaError(error.code, `${role} ${i}: ${error.message}`, { cause: error });
    }
  });
}

/** Parses certificates that the caller trusts. Throws for the first that cannot be parsed. */
function parseTrusted(given: readonly CertificateInput[], role: string): ParsedCertificate[] {
  return parseAll(given, role).map((certificate) => {
    if (certificate instanceof CaError) throw certificate;
    return certificate;
  });
}

function requireEndEntity(leaf: ParsedCertificate, { purpose, at }: VerifyOptions, name: ReferenceName | null): void {
  checkCertificate(leaf, 0, () => {
    requireLeaf(leaf, purpose);
    requireValidAt(leaf, at);
    if (name !== null) requireName(leaf.info.names, name);
  });
}

/** Requires that the constraints of every CA permit the names of all certificates below it (6.1.3 (b), (c), 6.1.4 (g)). */
function requireNamesPermitted(path: Path, budget: WorkBudget): void {
  path.forEach((certificate, position) => {
    // Self-issued CAs are exempt, so that a CA whose own name its constraints exclude can change its key.
    if (position > 0 && isSelfIssued(certificate)) return;
    const above = path.slice(position + 1).flatMap(({ extensions }) => extensions.nameConstraints ?? []);
    if (above.length === 0) return;
    const names = constrainedNames(certificate);
    for (const constraints of above) {
      budget.spend('comparisons', names.length * (constraints.permitted.length + constraints.excluded.length));
      checkCertificate(certificate, position, () => requirePermitted(names, constraints));
    }
  });
}

/** Checks from the anchor down, because a list is only valid if its issuer is not revoked. */
function requireNoneRevoked(path: Path, revocation: RevocationCheck): void {
  for (let position = path.length - 2; position >= 0; position--) {
    const [certificate, issuer] = [path[position], path[position + 1]];
    if (certificate === undefined || issuer === undefined) continue;
    checkCertificate(certificate, position, () => revocation.requireNotRevoked(certificate, issuer));
  }
}

/** Returns the first path for which every rule holds. */
function findPath(leaf: ParsedCertificate, options: VerifyOptions, name: ReferenceName | null): Path {
  const { at, purpose, crls, unknownRevocation: unknown = crls === undefined ? 'allow' : 'refuse' } = options;
  const [budget, failures] = [new WorkBudget(), new PathFailures()];
  const anchors = parseTrusted(options.anchors, 'anchor');
  // A peer may send intermediates that cannot be parsed and are not needed.
  const parsed = parseAll(options.intermediates ?? [], 'intermediate');
  const intermediates = parsed.filter((each): each is ParsedCertificate => !(each instanceof CaError));
  const unreadable = parsed.find((certificate) => certificate instanceof CaError);
  const lists = (crls ?? []).map(parseRevocationList);
  const revocation = new RevocationCheck({ lists, unknown, at, budget });
  const search = new PathSearch({ anchors, intermediates, at, purpose, budget, failures });

  for (const path of search.pathsFrom(leaf)) {
    requireEndEntity(leaf, options, name);
    const failure = failureOf(() => {
      requireNamesPermitted(path, budget);
      requireNoneRevoked(path, revocation);
    });
    if (failure === null) return path;
    failures.add(failure);
  }
  throw unreadable !== undefined && failures.best.code === 'unknown-issuer' ? unreadable : failures.best;
}

/**
 * Verifies a TLS certificate against the given anchors (RFC 5280 section 6). Returns only if every check has passed.
 *
 * One valid path is enough. If there is none, the error reports the failure of the most likely path, and its `certificate` names
 * the certificate that was refused.
 *
 * @param leaf PEM, DER, or a result of `readCertificate`
 * @throws CaError of form: `FormErrorCode`, `bad-name`, `bad-argument`
 * @throws CaError of the path: `unknown-issuer`, `key-identifier-mismatch`, `bad-signature`, `not-a-ca`,
 *   `path-too-long`, `name-not-permitted`, `search-limit`
 * @throws CaError of any certificate: `unknown-critical-extension`, `weak-key`, `weak-digest`, `unsupported-algorithm`,
 *   `not-yet-valid`, `expired`, `wrong-purpose`; of the leaf `leaf-is-ca`, `wrong-name`
 * @throws CaError of revocation: `revoked`, `revocation-unknown`, `not-a-list-issuer`, `list-bad-signature`,
 *   `list-not-understood`, `list-not-yet-valid`, `list-expired`
 */
export function verifyCertificate(leaf: CertificateInput, options: VerifyOptions): VerifiedPath {
  requireValidOptions(options);
  const name = options.name === undefined ? null : referenceName(options.name);
  const parsed = parseCertificate(leaf);
  const pinned = parseTrusted(options.pinned ?? [], 'pinned certificate');
  const isPinned = pinned.some(({ info }) => info.fingerprint === parsed.info.fingerprint);
  if (isPinned) requireEndEntity(parsed, options, name);
  const path = isPinned ? [parsed] : findPath(parsed, options, name);
  return { certificate: parsed.info, path: path.map(({ info }) => info) };
}
