/** `verifyCertificate`: is this certificate to be trusted, at this time, for this purpose, in this name (RFC 5280 section 6)? */

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
import { about, failureOf, PathFailures } from './path-failure.ts';
import { isSelfIssued, requireLeaf, requireValidAt } from './path-rules.ts';
import { type Path, PathSearch } from './path-search.ts';
import { type ReferenceName, referenceName, requireName } from './reference-name.ts';
import { RevocationCheck, type UnknownRevocation } from './revocation.ts';
import { WorkBudget } from './work-budget.ts';

export interface VerifyOptions {
  /**
   * The CA certificates that are trusted. What they say of themselves holds too: dates, purposes, path length, names
   * (RFC 5937). They need not be self-signed; their own signatures are not looked at.
   */
  readonly anchors: readonly CertificateInput[];
  /** CA certificates that may be of use on the way, in any order; at most 100. Nothing about them is trusted. */
  readonly intermediates?: readonly CertificateInput[];
  /** End entities that are trusted as they are, whoever issued them: a server's self-signed certificate. */
  readonly pinned?: readonly CertificateInput[];
  readonly at: Date;
  readonly purpose: Purpose;
  /** The host to which one is connected: a name in ASCII, or an IP address. Not looked at when it is left out. */
  readonly name?: string;
  /** Revocation lists of any issuers, in any order. */
  readonly crls?: readonly RevocationListInput[];
  /**
   * A certificate for whose issuer there is no list among `crls`: by default it is refused as soon as `crls` are given, even
   * an empty array of them, and allowed when they are left out.
   */
  readonly unknownRevocation?: UnknownRevocation;
}

/** A certificate that was found to be trustworthy, and the path that shows it. */
export interface VerifiedPath {
  readonly certificate: Certificate;
  /** From the leaf to the anchor; only the leaf if it is pinned. */
  readonly path: readonly Certificate[];
}

const maxIntermediatesGiven = 100;

/** @throws CaError `bad-argument` */
function requireSound({ at, purpose, intermediates = [] }: VerifyOptions): void {
  if (Number.isNaN(at.getTime())) throw new CaError('bad-argument', '`at` is not a date');
  if (!Object.hasOwn(purposeIds, purpose)) throw new CaError('bad-argument', `no purpose ${quoted(purpose)}`);
  if (intermediates.length > maxIntermediatesGiven) {
    throw new CaError('bad-argument', `${intermediates.length} intermediates: at most ${maxIntermediatesGiven}`);
  }
}

/** Says of a certificate that cannot be read which one it is. */
function parseAll(given: readonly CertificateInput[], what: string): (ParsedCertificate | CaError)[] {
  return given.map((certificate, i) => {
    try {
      return parseCertificate(certificate);
    } catch (error) {
      if (!(error instanceof CaError) || error.code === 'bad-argument') throw error;
      return new CaError(error.code, `${what} ${i}: ${error.message}`, { cause: error });
    }
  });
}

/** What the caller trusts can be read, or nothing is to be trusted. */
function parseTrusted(given: readonly CertificateInput[], what: string): ParsedCertificate[] {
  return parseAll(given, what).map((certificate) => {
    if (certificate instanceof CaError) throw certificate;
    return certificate;
  });
}

function requireEndEntity(leaf: ParsedCertificate, { purpose, at }: VerifyOptions, name?: ReferenceName): void {
  about(leaf, 0, () => {
    requireLeaf(leaf, purpose);
    requireValidAt(leaf, at);
    if (name !== undefined) requireName(leaf.info.names, name);
  });
}

/** The names of every certificate within the constraints of every CA above it (6.1.3 b, c, 6.1.4 g). */
function requireNamesPermitted(path: Path, budget: WorkBudget): void {
  path.forEach((certificate, position) => {
    // Self-issued CAs are exempt, so that a CA whose name is outside of its own constraints can change its key.
    if (position > 0 && isSelfIssued(certificate)) return;
    const above = path.slice(position + 1).flatMap(({ extensions }) => extensions.nameConstraints ?? []);
    if (above.length === 0) return;
    const names = constrainedNames(certificate);
    for (const constraints of above) {
      budget.spend('comparisons', names.length * (constraints.permitted.length + constraints.excluded.length));
      about(certificate, position, () => requirePermitted(names, constraints));
    }
  });
}

/** From the anchor down: a list proves something only when its issuer is not revoked itself. */
function requireNoneRevoked(path: Path, revocation: RevocationCheck): void {
  for (let position = path.length - 2; position >= 0; position--) {
    const [certificate, issuer] = [path[position], path[position + 1]];
    if (certificate === undefined || issuer === undefined) continue;
    about(certificate, position, () => revocation.requireNotRevoked(certificate, issuer));
  }
}

/** The first path that keeps every rule. */
function findPath(leaf: ParsedCertificate, options: VerifyOptions, name: ReferenceName | undefined): Path {
  const { at, purpose, crls, unknownRevocation: unknown = crls === undefined ? 'allow' : 'refuse' } = options;
  const [budget, failures] = [new WorkBudget(), new PathFailures()];
  const anchors = parseTrusted(options.anchors, 'anchor');
  // Who presents a certificate may add others that nobody can read and nobody needs.
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
    if (failure === undefined) return path;
    failures.add(failure);
  }
  throw unreadable !== undefined && failures.best.code === 'unknown-issuer' ? unreadable : failures.best;
}

/**
 * Verifies a TLS certificate against the anchors given (RFC 5280 section 6). Returns only if every check has passed.
 *
 * Of several possible paths any good one will do; when there is none, the error tells how the one that came closest
 * failed, and its `certificate` which certificate is at fault.
 *
 * @param leaf PEM, DER, or what `readCertificate` returned
 * @throws CaError of form: `FormErrorCode`, `bad-name`, `bad-argument`
 * @throws CaError of the path: `unknown-issuer`, `key-identifier-mismatch`, `bad-signature`, `not-a-ca`,
 *   `path-too-long`, `name-not-permitted`, `search-limit`
 * @throws CaError of any certificate: `unknown-critical-extension`, `weak-key`, `weak-digest`, `unsupported-algorithm`,
 *   `not-yet-valid`, `expired`, `wrong-purpose`; of the leaf `leaf-is-ca`, `wrong-name`
 * @throws CaError of revocation: `revoked`, `revocation-unknown`, `not-a-list-issuer`, `list-bad-signature`,
 *   `list-not-understood`, `list-not-yet-valid`, `list-expired`
 */
export function verifyCertificate(leaf: CertificateInput, options: VerifyOptions): VerifiedPath {
  requireSound(options);
  const name = options.name === undefined ? undefined : referenceName(options.name);
  const parsed = parseCertificate(leaf);
  const pinned = parseTrusted(options.pinned ?? [], 'pinned certificate');
  const isPinned = pinned.some(({ info }) => info.fingerprint === parsed.info.fingerprint);
  if (isPinned) requireEndEntity(parsed, options, name);
  const path = isPinned ? [parsed] : findPath(parsed, options, name);
  return { certificate: parsed.info, path: path.map(({ info }) => info) };
}
