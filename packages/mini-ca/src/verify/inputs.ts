/** Parses the inputs of `verifyCertificate`. What cannot be read is left out and reported, and does not hinder the rest. */
import { CaError } from '../errors.ts';
import { type ParsedCertificate, parseCertificate } from '../x509/certificate.ts';
import { parseRevocationList, type RevocationListInput } from '../x509/read-crl.ts';
import { issuerOfUnreadableList, type ParsedCertificateList } from '../x509/revocation-list.ts';
import type { UnreadableList } from './revocation.ts';
import type { VerifyOptions } from './verify-options.ts';

/** An input of `verifyCertificate` that could not be read and was left out. */
export interface LeftOut {
  /** What it was given as. */
  readonly role: 'anchor' | 'intermediate' | 'revocation list' | 'pinned certificate';
  /** Its place in the option, counted from 0. */
  readonly index: number;
  /** The reason; its message names role and index. */
  readonly error: CaError;
}

/** The inputs that could be read, and those that could not. */
interface Readable<T> {
  readonly read: readonly T[];
  readonly leftOut: readonly LeftOut[];
}

/** Parses all inputs of a role. Leaves out those that cannot be parsed. */
function parseAll<G, T>(given: readonly G[], role: LeftOut['role'], parse: (each: G) => T): Readable<T> {
  const [read, leftOut]: [T[], LeftOut[]] = [[], []];
  for (const [index, each] of given.entries()) {
    try {
      read.push(parse(each));
    } catch (cause) {
      // An object of another kind is a mistake of the caller, not a certificate with a fault.
      if (!(cause instanceof CaError) || cause.code === 'bad-argument') throw cause;
      const error = new CaError(cause.code, `${role} ${index} could not be read: ${cause.message}`, { cause });
      leftOut.push({ role, index, error });
    }
  }
  return { read, leftOut };
}

/** Everything that a verification uses, parsed. */
export interface Inputs {
  readonly anchors: Readable<ParsedCertificate>;
  readonly intermediates: Readable<ParsedCertificate>;
  readonly lists: Readable<ParsedCertificateList>;
  readonly leftOut: readonly LeftOut[];
}

/**
 * Parses the options.
 *
 * @throws CaError the reason for the first anchor when no anchor can be read
 */
export function inputsOf({ anchors: given, intermediates: sent = [], crls = [] }: VerifyOptions): Inputs {
  const anchors = parseAll(given, 'anchor', parseCertificate);
  const [first] = anchors.leftOut;
  if (anchors.read.length === 0 && first !== undefined) throw first.error;
  const intermediates = parseAll(sent, 'intermediate', parseCertificate);
  const lists = parseAll(crls, 'revocation list', parseRevocationList);
  const leftOut = [...anchors.leftOut, ...intermediates.leftOut, ...lists.leftOut];
  return { anchors, intermediates, lists, leftOut };
}

/** Returns the lists that could not be read, with their issuers as far as these could be read. */
export function unreadableLists({ lists }: Inputs, crls: readonly RevocationListInput[]): UnreadableList[] {
  return lists.leftOut.map(({ index, error }) => {
    const list = crls[index];
    const canBeRead = typeof list === 'string' || ArrayBuffer.isView(list);
    return { error, issuerKey: canBeRead ? issuerOfUnreadableList(list) : null };
  });
}

/** Returns the failure to report. An issuer that is missing may be among the certificates that could not be read. */
export function reported(failure: CaError, { anchors, intermediates }: Inputs): CaError {
  if (failure.code !== 'unknown-issuer') return failure;
  const [intermediate] = intermediates.leftOut;
  if (intermediate !== undefined) return intermediate.error;
  const [anchor] = anchors.leftOut;
  if (anchor === undefined) return failure;
  const message = `${failure.message}; ${anchors.leftOut.length} anchors were left out: ${anchor.error.message}`;
  return new CaError(failure.code, message, {
    cause: anchor.error,
    ...(failure.certificate !== undefined && { certificate: failure.certificate }),
  });
}

/** Returns the fingerprints of the pinned certificates. Throws for the first that cannot be parsed, because each stands for one peer. */
export function pinnedFingerprints({ pinned = [] }: VerifyOptions): ReadonlySet<string> {
  const { read, leftOut } = parseAll(pinned, 'pinned certificate', parseCertificate);
  const [first] = leftOut;
  if (first !== undefined) throw first.error;
  return new Set(read.map(({ info }) => info.fingerprint));
}
