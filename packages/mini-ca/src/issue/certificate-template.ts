/**
 * Issues the certificates of one profile by one issuer. The parts that they share are encoded once; each certificate adds its
 * serial number, dates, names and key.
 */
import { sequence } from '../der/der-writer.ts';
import type { KeyType } from '../keys/key-policy.ts';
import { encodeExtensions, keyIdentifierOf, purposeIds } from '../x509/extensions.ts';
import { encodeName } from '../x509/names/distinguished-name.ts';
import { hasAlternatives, type Names } from '../x509/names/names.ts';
import { type Digest, type Signing, signingWith } from '../x509/signature-algorithm.ts';
import { type IssuedCertificate, signedCertificate } from '../x509/signed-certificate.ts';
import { type Issuer, keyIdentifierOfIssuer } from './issuer.ts';
import { keyUsageOf, type Profile } from './profile.ts';
import { requireMayIssueCa } from './profile-rules.ts';
import type { Validity } from './validity.ts';

/** The subject of a certificate. Every part has been checked against the profile. */
export interface Subject {
  readonly keyType: KeyType;
  /** The SubjectPublicKeyInfo as DER. */
  readonly spki: Uint8Array;
  readonly names: Names;
}

/** Issues certificates of one profile by one issuer. */
export class CertificateTemplate {
  readonly profile: Profile;
  readonly issuer: Issuer;
  readonly #signing: Signing;
  /** Encoded extensions by type of key, because the key usage depends on it. */
  readonly #uses = new Map<KeyType, Uint8Array[]>();
  readonly #authorityKeyId: Uint8Array[];

  /**
   * @param digest default: the digest that is as strong as the issuer's key
   * @throws CaError `path-too-long` for the profile of a CA when the path length of the issuer allows none
   */
  constructor(issuer: Issuer, profile: Profile, digest?: Digest) {
    if (profile.pathLength !== undefined) requireMayIssueCa(issuer);
    this.profile = profile;
    this.issuer = issuer;
    this.#signing = signingWith(issuer.privateKey, digest);
    this.#authorityKeyId = encodeExtensions({ authorityKeyId: keyIdentifierOfIssuer(issuer) }, false);
  }

  /**
   * Issues a certificate.
   *
   * @throws CaError `bad-argument`, `bad-name`
   */
  certificateFor(subject: Subject, validity: Validity, serial: bigint | Uint8Array): IssuedCertificate {
    const { notBefore, notAfter } = validity;
    return signedCertificate(
      {
        serial,
        issuer: this.issuer.certificate.subjectName,
        subject: encodeName(subject.names),
        notBefore,
        notAfter,
        spki: subject.spki,
        extensions: this.#extensions(subject),
      },
      this.#signing,
    );
  }

  /** Encodes the extensions in the order of `encodeExtensions`. */
  #extensions({ keyType, spki, names }: Subject): Uint8Array {
    const subjectIsEmpty = names.commonName === undefined && names.organization === undefined;
    return sequence(
      ...this.#usesOf(keyType),
      ...encodeExtensions({ subjectKeyId: keyIdentifierOf(spki) }, subjectIsEmpty),
      ...this.#authorityKeyId,
      ...encodeExtensions(hasAlternatives(names) ? { alternativeNames: names } : {}, subjectIsEmpty),
    );
  }

  #usesOf(keyType: KeyType): Uint8Array[] {
    const known = this.#uses.get(keyType);
    if (known !== undefined) return known;
    const { pathLength, purposes } = this.profile;
    const values = {
      isCA: pathLength !== undefined,
      ...(pathLength !== undefined && { pathLength }),
      keyUsage: keyUsageOf(this.profile, keyType),
      ...(purposes.length > 0 && { purposes: purposes.map((purpose) => purposeIds[purpose]) }),
    };
    const uses = encodeExtensions(values, false);
    this.#uses.set(keyType, uses);
    return uses;
  }
}
