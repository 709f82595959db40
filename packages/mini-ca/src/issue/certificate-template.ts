/**
 * Certificates of one profile under one issuer: what they have in common is encoded once, and each one adds its serial
 * number, dates, names and key.
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

/** Whom a certificate is for; every part has been checked. */
export interface Subject {
  readonly keyType: KeyType;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  readonly names: Names;
}

export class CertificateTemplate {
  readonly profile: Profile;
  readonly issuer: Issuer;
  readonly #signing: Signing;
  /** Extensions by the type of the key, on which the key usage depends. */
  readonly #uses = new Map<KeyType, Uint8Array[]>();
  readonly #authorityKeyId: Uint8Array[];

  /**
   * @param digest by default the one that suits the issuer's key
   * @throws CaError `path-too-long` when the issuer can have no CA below it and the profile is of one
   */
  constructor(issuer: Issuer, profile: Profile, digest?: Digest) {
    if (profile.pathLength !== undefined) requireMayIssueCa(issuer);
    this.profile = profile;
    this.issuer = issuer;
    this.#signing = signingWith(issuer.privateKey, digest);
    this.#authorityKeyId = encodeExtensions({ authorityKeyId: keyIdentifierOfIssuer(issuer) }, false);
  }

  /** @throws CaError `bad-argument`, `bad-name` */
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

  /** In the order in which `encodeExtensions` writes them all. */
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
