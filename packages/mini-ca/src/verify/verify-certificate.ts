/** `verifyCertificate`: decides whether a certificate is trusted, for a time, a purpose and a host (RFC 5280 section 6). */
import {
  type Certificate,
  type CertificateInput,
  type ParsedCertificate,
  parseCertificate,
} from '../x509/certificate.ts';
import { requireConforming } from './conformance.ts';
import { type Inputs, inputsOf, type LeftOut, pinnedFingerprints, reported, unreadableLists } from './inputs.ts';
import { constrainedNames, requirePermitted } from './name-rules.ts';
import { checkCertificate, failureOf, PathFailures } from './path-failure.ts';
import { isSelfIssued, requireLeaf, requireValidAt } from './path-rules.ts';
import { maxPathIntermediates, type Path, PathSearch } from './path-search.ts';
import { type ReferenceName, referenceName, requireName } from './reference-name.ts';
import { RevocationCheck } from './revocation.ts';
import { requireValidOptions, type VerifyOptions } from './verify-options.ts';
import { WorkBudget } from './work-budget.ts';

/** The result of a successful verification. */
export interface VerifiedPath {
  /** The verified certificate. */
  readonly certificate: Certificate;
  /** The path from the leaf to the anchor; only the leaf if it is pinned. */
  readonly path: readonly Certificate[];
  /** The anchors, intermediates and revocation lists that could not be read. They were not needed. */
  readonly leftOut: readonly LeftOut[];
}

/** What a leaf is checked for. */
interface LeafChecks {
  readonly name: ReferenceName | null;
  readonly isPinned: boolean;
}

function requireEndEntity(leaf: ParsedCertificate, options: VerifyOptions, { name, isPinned }: LeafChecks): void {
  const { purpose, at, profile = 'tls' } = options;
  checkCertificate(leaf, 0, () => {
    requireLeaf(leaf, purpose, profile);
    requireConforming(leaf, { profile, purpose, isLeaf: true, isTrusted: isPinned });
    requireValidAt(leaf, at);
    if (name !== null) requireName(leaf.info.names, name, profile);
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

/** What a search is for. */
interface Question {
  readonly leaf: ParsedCertificate;
  readonly options: VerifyOptions;
  readonly inputs: Inputs;
  readonly name: ReferenceName | null;
}

/** Returns the first path for which every rule holds. */
function findPath({ leaf, options, inputs, name }: Question): Path {
  const { at, purpose, crls, unknownRevocation: unknown = crls === undefined ? 'allow' : 'refuse' } = options;
  const { profile = 'tls', maxIntermediates = maxPathIntermediates } = options;
  const [budget, failures] = [new WorkBudget(), new PathFailures()];
  const unreadable = unreadableLists(inputs, crls ?? []);
  const mustConform = profile !== 'tls';
  const revocation = new RevocationCheck({ lists: inputs.lists.read, unreadable, unknown, mustConform, at, budget });
  const [anchors, intermediates] = [inputs.anchors.read, inputs.intermediates.read];
  const rules = { at, purpose, profile, maxIntermediates };
  const search = new PathSearch({ anchors, intermediates, ...rules, budget, failures });

  for (const path of search.pathsFrom(leaf)) {
    requireEndEntity(leaf, options, { name, isPinned: false });
    const failure = failureOf(() => {
      requireNamesPermitted(path, budget);
      requireNoneRevoked(path, revocation);
    });
    if (failure === null) return path;
    failures.add(failure);
  }
  throw reported(failures.best, inputs);
}

/**
 * Verifies a TLS certificate against the given anchors (RFC 5280 section 6). Returns only if every check has passed.
 *
 * One valid path is enough. If there is none, the error reports the failure of the most likely path, and its `certificate` names
 * the certificate that was refused.
 *
 * @param leaf PEM, DER, or a result of `readCertificate`
 * @throws CaError of form: `FormErrorCode` of the leaf, `bad-argument`
 * @throws CaError of the path: `unknown-issuer`, `key-identifier-mismatch`, `bad-signature`, `not-a-ca`,
 *   `path-too-long`, `name-not-permitted`, `search-limit`
 * @throws CaError of any certificate: `unknown-critical-extension`, `weak-key`, `weak-digest`, `unsupported-algorithm`,
 *   `not-yet-valid`, `expired`, `wrong-purpose`, `not-conforming`; of the leaf `leaf-is-ca`, `wrong-name`
 * @throws CaError of revocation: `revoked`, `revocation-unknown`, `not-a-list-issuer`, `list-bad-signature`,
 *   `list-not-understood`, `list-not-yet-valid`, `list-expired`
 */
export function verifyCertificate(leaf: CertificateInput, options: VerifyOptions): VerifiedPath {
  requireValidOptions(options);
  const name = options.name === undefined ? null : referenceName(options.name);
  const parsed = parseCertificate(leaf);
  const inputs = inputsOf(options);
  const isPinned = pinnedFingerprints(options).has(parsed.info.fingerprint);
  if (isPinned) requireEndEntity(parsed, options, { name, isPinned });
  const path = isPinned ? [parsed] : findPath({ leaf: parsed, options, inputs, name });
  return { certificate: parsed.info, path: path.map(({ info }) => info), leftOut: inputs.leftOut };
}
