/**
 * The form that a profile requires of certificates, beyond what a path needs: what RFC 5280 section 4 obliges CAs to write, and what
 * the Baseline Requirements of the CA/Browser Forum (BR) add for the web's CAs.
 */
import { requireCanonicalDer } from '../der/canonical-der.ts';
import { DerReader } from '../der/der-reader.ts';
import { derTag } from '../der/der-writer.ts';
import { CaError } from '../errors.ts';
import { keyTypeOf } from '../keys/key-policy.ts';
import type { ParsedCertificate } from '../x509/certificate.ts';
import type { RawExtension } from '../x509/extension-list.ts';
import { type Purpose, purposeIds } from '../x509/extensions.ts';

/** A set of rules for `verifyCertificate`. */
export type VerifyProfile = 'tls' | 'rfc5280' | 'webpki';

/** The place of a certificate on its path. */
export interface Role {
  readonly profile: VerifyProfile;
  readonly purpose: Purpose;
  readonly isLeaf: boolean;
  /** True for a certificate that the caller trusts: an anchor or a pinned certificate. */
  readonly isTrusted: boolean;
}

const oids = {
  subjectKeyId: '2.5.29.14',
  subjectAlternativeName: '2.5.29.17',
  issuerAlternativeName: '2.5.29.18',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  authorityKeyId: '2.5.29.35',
  purposes: '2.5.29.37',
  freshestCrl: '2.5.29.46',
  authorityInformation: '1.3.6.1.5.5.7.1.1',
  subjectInformation: '1.3.6.1.5.5.7.1.11',
} as const;

/** The extensions that must not be critical (sections 4.2.1.1, 4.2.1.2, 4.2.1.15, 4.2.2.1, 4.2.2.2). */
const neverCritical = [
  oids.authorityKeyId,
  oids.subjectKeyId,
  oids.freshestCrl,
  oids.authorityInformation,
  oids.subjectInformation,
];

const keyIdTag = 0x80;
const anyPurposeOid = '2.5.29.37.0';
const commonNameOid = '2.5.4.3';

function requireThat(holds: boolean, rule: string): void {
  if (!holds) throw new CaError('not-conforming', rule);
}

function extensionOf({ extensions }: ParsedCertificate, oid: string): RawExtension | undefined {
  return extensions.all.find((each) => each.oid === oid);
}

function isCritical(certificate: ParsedCertificate, oid: string): boolean | undefined {
  return extensionOf(certificate, oid)?.critical;
}

/** Returns the tags of the fields of a sequence. */
function fieldTags({ value }: RawExtension): number[] {
  return DerReader.inside(value, derTag.sequence, 'extension')
    .rest()
    .map(({ tag }) => tag);
}

/** Requires what section 4 says of every CA certificate. */
function requireConformingCa(certificate: ParsedCertificate, { isTrusted }: Role): void {
  const { extensions } = certificate;
  requireThat(
    isCritical(certificate, oids.basicConstraints) === true,
    'a CA certificate whose basic constraints are not critical (4.2.1.9)',
  );
  requireThat(extensions.subjectKeyId !== undefined, 'a CA certificate without a subject key identifier (4.2.1.2)');
  requireThat(extensions.keyUsage !== undefined || isTrusted, 'a CA certificate without a key usage (4.2.1.3)');
  requireThat(certificate.subject.rdns.length > 0, 'a CA certificate without a name (4.1.2.6)');
}

/** Requires what section 4 says of names and name constraints. */
function requireConformingNames(certificate: ParsedCertificate, { profile }: Role): void {
  const { extensions, subject } = certificate;
  const { nameConstraints } = extensions;
  if (nameConstraints !== undefined) {
    requireThat(extensions.isCA === true, 'name constraints in a certificate that is not of a CA (4.2.1.10)');
    // BR 7.1.2.5.2 makes an exception, for old programs that do not know the extension.
    requireThat(
      profile === 'webpki' || isCritical(certificate, oids.nameConstraints) === true,
      'name constraints that are not critical (4.2.1.10)',
    );
    const hosts = [...nameConstraints.permitted, ...nameConstraints.excluded];
    requireThat(
      !hosts.some((tree) => tree.form === 'dns' && tree.host.startsWith('.')),
      'name constraints with a host name that begins with a dot (4.2.1.10)',
    );
  }
  if (subject.rdns.length > 0) return;
  const hasCritical = isCritical(certificate, oids.subjectAlternativeName) === true;
  requireThat(hasCritical, 'no name in the subject, and no critical alternative names (4.2.1.6)');
}

/** Requires the form that RFC 5280 section 4 prescribes. */
function requireRfc5280(certificate: ParsedCertificate, role: Role): void {
  const { deviations, extensions, issuer, subject } = certificate;
  const [deviation] = deviations;
  // The form of a certificate that the caller trusts no longer matters: several roots of the web have the serial number 0.
  if (deviation !== undefined && !role.isTrusted) {
    throw new CaError('not-conforming', deviation.message, { cause: deviation });
  }
  for (const oid of neverCritical) {
    requireThat(isCritical(certificate, oid) !== true, `the extension ${oid} must not be critical (4.2)`);
  }
  if (issuer.key !== subject.key) {
    requireThat(extensions.authorityKeyId !== undefined, 'no authority key identifier (4.2.1.1)');
  }
  if (extensions.isCA === true) requireConformingCa(certificate, role);
  requireConformingNames(certificate, role);
}

/** Requires descriptions of access of the form of section 4.2.2.1, all of them URIs (BR 7.1.2.7.7). */
function requireAccessDescriptions({ value }: RawExtension): void {
  requireCanonicalDer(value);
  const descriptions = DerReader.inside(value, derTag.sequence, 'authority information access');
  do {
    const fields = descriptions.fields(derTag.sequence);
    fields.take(derTag.objectIdentifier);
    const { tag } = fields.next();
    fields.end();
    requireThat(tag === 0x86, 'an authority information access that is not a URI (BR 7.1.2.7.7)');
  } while (!descriptions.done);
}

function requireAuthorityKeyId(certificate: ParsedCertificate): void {
  const extension = extensionOf(certificate, oids.authorityKeyId);
  if (extension === undefined) return;
  const tags = fieldTags(extension);
  requireThat(
    tags.length === 1 && tags[0] === keyIdTag,
    'an authority key identifier with other fields than the key identifier (BR 7.1.2.11.1)',
  );
  const { issuer, subject, extensions } = certificate;
  if (issuer.key !== subject.key || extensions.isCA !== true) return;
  const { authorityKeyId = new Uint8Array(), subjectKeyId = new Uint8Array() } = extensions;
  requireThat(
    Buffer.compare(authorityKeyId, subjectKeyId) === 0,
    'a root whose two key identifiers differ (BR 7.1.2.1.3)',
  );
}

function hasCommonName({ subject }: ParsedCertificate): boolean {
  return subject.rdns.some((rdn) => rdn.includes(`"${commonNameOid}=`));
}

/** Requires the names and purposes of a subscriber (BR 7.1.2.7). */
function requireSubscriber(certificate: ParsedCertificate, { purpose }: Role): void {
  const { extensions, info, subject } = certificate;
  requireThat(isCritical(certificate, oids.purposes) !== true, 'a critical extended key usage (BR 7.1.2.7.6)');
  const { purposes = [] } = extensions;
  requireThat(!purposes.includes(anyPurposeOid), 'an extended key usage for any purpose (BR 7.1.2.7.10)');
  if (purpose !== 'serverAuth') return;
  const others = purposes.filter((oid) => oid !== purposeIds.serverAuth && oid !== purposeIds.clientAuth);
  requireThat(others.length === 0, `an extended key usage for ${others[0]} and TLS servers (BR 7.1.2.7.10)`);
  const critical = isCritical(certificate, oids.subjectAlternativeName);
  requireThat(critical !== undefined, 'no alternative names (BR 7.1.2.7.12)');
  requireThat(
    critical === false || subject.rdns.length === 0,
    'critical alternative names of a named subject (BR 7.1.2.7.12)',
  );
  const { commonName } = info.subject;
  const { dns = [], ip = [] } = info.names;
  // A second common name, or one that is no text, is in `unusableNames`.
  const isListed = commonName === undefined ? !hasCommonName(certificate) : [...dns, ...ip].includes(commonName);
  requireThat(isListed, 'a common name that is not one of the alternative names, or two of them (BR 7.1.4.3)');
}

/** Requires a key of the web's CAs: RSA of whole bytes, or EC (BR 6.1.1.5). */
function requireWebKey({ info: { publicKey } }: ParsedCertificate): void {
  const type = keyTypeOf(publicKey);
  if (type !== 'rsa' && type !== 'ec') {
    throw new CaError(
      'unsupported-algorithm',
      `${type} keys are not allowed in certificates of the web: use RSA or EC`,
    );
  }
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  requireThat(bits % 8 === 0, 'an RSA modulus that is not of whole bytes (BR 6.1.1.5)');
}

/** Requires what the Baseline Requirements add. */
function requireWebPki(certificate: ParsedCertificate, role: Role): void {
  const { extensions, issuer, subject } = certificate;
  requireWebKey(certificate);
  requireAuthorityKeyId(certificate);
  const access = extensionOf(certificate, oids.authorityInformation);
  if (access !== undefined) requireAccessDescriptions(access);
  if (role.isLeaf) requireSubscriber(certificate, role);
  else if (issuer.key === subject.key) {
    requireThat(extensions.purposes === undefined, 'a root with an extended key usage (BR 7.1.2.1.2)');
  }
}

/**
 * Requires a certificate of the form of the profile.
 *
 * @throws CaError `not-conforming`, `unsupported-algorithm`, `malformed`
 */
export function requireConforming(certificate: ParsedCertificate, role: Role): void {
  if (role.profile === 'tls') return;
  requireRfc5280(certificate, role);
  if (role.profile === 'webpki') requireWebPki(certificate, role);
}
