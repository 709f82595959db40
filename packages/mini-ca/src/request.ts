/**
 * Certificate requests: PKCS#10 (RFC 2986) with the alternative names in an extensionRequest attribute (RFC 2985
 * section 5.4.2).
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { Attributes, CertificationRequest, CertificationRequestInfo } from '@peculiar/asn1-csr';
import { Attribute, Extensions, SubjectPublicKeyInfo } from '@peculiar/asn1-x509';
import { elementAt } from './canonical-der.ts';
import { decodeName, encodeName } from './distinguished-name.ts';
import { CaError } from './errors.ts';
import { readExtensions, writeExtensions } from './extensions.ts';
import type { KeyPair } from './key-pair.ts';
import { type KeyType, publicKeyFromSpki, requireStrongKey, spkiOf } from './key-policy.ts';
import { checkNames, hasAlternatives, type Names } from './names.ts';
import { decodePem, encodePem } from './pem.ts';
import { type Digest, signatureAlgorithmFor, signBytes, verifyBytes } from './signature-algorithm.ts';
import { arrayBufferOf, bytesOf, decode, encode } from './structure.ts';

/** Its place in the signed part. */
const SPKI = 2;
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';

/** A request whose sender has shown that it holds the private key. */
export interface CheckedRequest {
  readonly publicKey: KeyObject;
  readonly keyType: KeyType;
  /** The names that it asks for, of the subject and the alternative names together. A wish, not a fact. */
  readonly names: Names;
  /** Object identifiers of all the extensions that it asks for. */
  readonly extensions: readonly string[];
}

/**
 * A certificate request, signed by the key that it is for.
 *
 * @param names any mix of names, or none
 * @param digest of the signature; Ed25519 has its own and ignores it
 * @returns PEM
 * @throws CaError `bad-name`, `weak-key`, `unsupported-algorithm`; `key-mismatch` when the two keys are not a pair
 */
export function createCertRequest(keys: KeyPair, names: Names, digest: Digest = 'sha256'): string {
  requireStrongKey(keys.privateKey);
  if (!createPublicKey(keys.privateKey).equals(keys.publicKey)) {
    throw new CaError('key-mismatch', 'the public key is not the private key’s own');
  }
  const checked = checkNames(names);
  const attributes = new Attributes();
  if (hasAlternatives(checked)) {
    const extensions = writeExtensions({ alternativeNames: checked }, false);
    attributes.push(new Attribute({ type: EXTENSION_REQUEST, values: [arrayBufferOf(encode(extensions))] }));
  }
  const info = new CertificationRequestInfo({
    subject: encodeName(checked),
    subjectPKInfo: decode(spkiOf(keys.publicKey), SubjectPublicKeyInfo),
    attributes,
  });
  const request = new CertificationRequest({
    certificationRequestInfo: info,
    signatureAlgorithm: signatureAlgorithmFor(keys.privateKey, digest),
    signature: arrayBufferOf(signBytes(encode(info), keys.privateKey, digest)),
  });
  return encodePem('CERTIFICATE REQUEST', encode(request));
}

function requestedExtensions(attributes: readonly Attribute[]): Extensions {
  const [found, ...more] = attributes.filter(({ type }) => type === EXTENSION_REQUEST);
  if (found === undefined) return new Extensions();
  const [value, ...others] = found.values;
  if (value === undefined || others.length > 0 || more.length > 0) {
    throw new CaError('malformed', 'a request has at most one list of extensions');
  }
  return decode(bytesOf(value), Extensions);
}

/**
 * Reads a request strictly and verifies its proof of possession: that it is signed by the very key it carries.
 *
 * @param request PEM, at most 65 536 characters
 * @throws CaError `malformed`, `bad-name`, `weak-key`, `weak-digest`, `unsupported-algorithm`, `no-possession`
 */
export function checkRequest(request: string): CheckedRequest {
  const der = decodePem('CERTIFICATE REQUEST', request);
  const structure = decode(der, CertificationRequest);
  const { certificationRequestInfo: info, signatureAlgorithm, signature } = structure;
  if (info.version !== 0) throw new CaError('malformed', 'not a version 1 certificate request');

  const signed = elementAt(der, 0);
  const publicKey = publicKeyFromSpki(elementAt(signed, SPKI));
  const keyType = requireStrongKey(publicKey);
  if (!verifyBytes(signed, signatureAlgorithm, new Uint8Array(signature), publicKey)) {
    throw new CaError('no-possession', 'the request is not signed by the key that it carries');
  }

  const extensions = requestedExtensions(info.attributes);
  const { alternativeNames } = readExtensions(extensions);
  return {
    publicKey,
    keyType,
    names: { ...decodeName(info.subject), ...alternativeNames },
    extensions: Array.from(extensions, ({ extnID }) => extnID),
  };
}
