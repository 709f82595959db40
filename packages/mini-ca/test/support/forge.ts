/** Requests and certificates that the library itself would not make, and tools to damage those that it does. */
import { type KeyObject, sign } from 'node:crypto';
import { Attributes, CertificationRequest, CertificationRequestInfo } from '@peculiar/asn1-csr';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  Attribute,
  Certificate,
  Extension,
  Extensions,
  Name,
  SubjectPublicKeyInfo,
  type TBSCertificate,
} from '@peculiar/asn1-x509';
import type { KeyPair, Names } from '../../src/index.ts';
import { encodeName } from '../../src/x509/names/distinguished-name.ts';

const ecdsaWithSha256 = '1.2.840.10045.4.3.2';

export function pem(label: string, der: Uint8Array): string {
  const body = Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n');
  return `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
}

export function derOf(text: string): Buffer {
  return Buffer.from(text.replace(/-----[^-]+-----/g, ''), 'base64');
}

export function extension(extnID: string, critical: boolean, value: object | Uint8Array): Extension {
  const bytes = value instanceof Uint8Array ? value : new Uint8Array(AsnConvert.serialize(value));
  return new Extension({ extnID, critical, extnValue: new OctetString(bytes) });
}

/** A request with any extensions at all; `signer` other than the keys' own makes a false proof of possession. */
export function forgeRequest(keys: KeyPair, names: Names, extensions: Extension[], signer = keys.privateKey): string {
  return forgeRequestWithLists(keys, names, extensions.length === 0 ? [] : [extensions], signer);
}

/** A request that asks for extensions as many times over as there are lists. */
export function forgeRequestWithLists(
  keys: KeyPair,
  names: Names,
  lists: readonly Extension[][],
  signer = keys.privateKey,
): string {
  const attributes = new Attributes(
    lists.map((list) => {
      const values = [AsnConvert.serialize(new Extensions(list))];
      return new Attribute({ type: '1.2.840.113549.1.9.14', values });
    }),
  );
  const info = new CertificationRequestInfo({
    subject: AsnConvert.parse(encodeName(names), Name),
    subjectPKInfo: AsnConvert.parse(keys.publicKey.export({ type: 'spki', format: 'der' }), SubjectPublicKeyInfo),
    attributes,
  });
  const request = new CertificationRequest({
    certificationRequestInfo: info,
    signatureAlgorithm: new AlgorithmIdentifier({ algorithm: ecdsaWithSha256 }),
    signature: new Uint8Array(sign('sha256', Buffer.from(AsnConvert.serialize(info)), signer)).buffer,
  });
  return pem('CERTIFICATE REQUEST', new Uint8Array(AsnConvert.serialize(request)));
}

/** A certificate with its signed part changed, and signed again (ECDSA with SHA-256). */
export function forgeCertificate(certificate: string, key: KeyObject, change: (tbs: TBSCertificate) => void): string {
  const structure = AsnConvert.parse(derOf(certificate), Certificate);
  const algorithm = new AlgorithmIdentifier({ algorithm: ecdsaWithSha256 });
  structure.tbsCertificate.signature = algorithm;
  structure.signatureAlgorithm = algorithm;
  change(structure.tbsCertificate);
  const signed = Buffer.from(AsnConvert.serialize(structure.tbsCertificate));
  structure.signatureValue = new Uint8Array(sign('sha256', signed, key)).buffer;
  return pem('CERTIFICATE', new Uint8Array(AsnConvert.serialize(structure)));
}

/** Returns `accepted` when the call returns, and otherwise the code of the `CaError` that it throws. */
export function outcomeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.name === 'CaError') return String(error.code);
    throw error;
  }
  return 'accepted';
}

/** Does the same as `outcomeOf` for a promise. */
export async function eventualOutcomeOf(promise: Promise<unknown>): Promise<string> {
  const outcome = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  return outcomeOf(() => {
    if (outcome !== null) throw outcome;
  });
}
