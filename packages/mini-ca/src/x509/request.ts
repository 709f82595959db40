/**
 * Creates and parses certificate requests: PKCS#10 (RFC 2986), with the requested extensions in an extensionRequest attribute
 * (RFC 2985 section 5.4.2).
 */
import type { KeyObject } from 'node:crypto';
import { requireOptions } from '../arguments.ts';
import type { Element } from '../der/canonical-der.ts';
import { DerReader } from '../der/der-reader.ts';
import { constructedContextTag, derTag, derValue, integer, sequence } from '../der/der-writer.ts';
import { encodeObjectIdentifier } from '../der/object-identifier.ts';
import { derFrom, encodePem } from '../der/pem.ts';
import { CaError } from '../errors.ts';
import { isKeyPair, type KeyPair } from '../keys/key-pair.ts';
import { type KeyType, publicKeyFromSpki, requireKeyObject, requireStrongKey, spkiOf } from '../keys/key-policy.ts';
import { type RawExtension, readExtensionList } from './extension-list.ts';
import { encodeExtensions, type ReadExtensions, readExtensions } from './extensions.ts';
import { encodeName, readName } from './names/distinguished-name.ts';
import { checkNames, hasAlternatives, type Names } from './names/names.ts';
import { type Digest, isSignedBy, signingWith } from './signature-algorithm.ts';
import { encodeSigned, readSigned } from './signed-structure.ts';

const structureName = 'certificate request';
const extensionRequestOid = encodeObjectIdentifier('1.2.840.113549.1.9.14');

/** A request whose signature proves that the requester has the private key. */
export interface CheckedRequest {
  /** The public key to be certified. */
  readonly publicKey: KeyObject;
  /** The type of the key. */
  readonly keyType: KeyType;
  /** The requested names: those of the subject and the alternative names. They are not verified. */
  readonly names: Names;
  /** Object identifiers of all requested extensions. */
  readonly extensions: readonly string[];
}

/** A parsed request, with what issuing needs. Its proof of possession has been verified. */
export interface ParsedRequest {
  readonly info: CheckedRequest;
  readonly der: Uint8Array;
  /** The SubjectPublicKeyInfo as DER. */
  readonly spki: Uint8Array;
  /** The values of the requested extensions. */
  readonly requested: ReadExtensions;
  /** Object identifiers of the requested extensions that are critical. */
  readonly critical: readonly string[];
}

/**
 * Creates a certificate request, signed by the key to be certified.
 *
 * @param names the names to request; any may be absent
 * @param digest of the signature; ignored for Ed25519. Default: `sha256`
 * @returns PEM
 * @throws CaError `bad-name`, `weak-key`, `unsupported-algorithm`; `key-mismatch` when the two keys are not a pair
 */
export function createCertRequest(keys: KeyPair, names: Names, digest: Digest = 'sha256'): string {
  requireOptions('a key pair', keys, { privateKey: true, publicKey: true });
  requireKeyObject('privateKey', keys.privateKey);
  requireStrongKey(keys.privateKey);
  if (!isKeyPair(keys.privateKey, keys.publicKey)) {
    throw new CaError('key-mismatch', 'the public key does not belong to the private key');
  }
  const checked = checkNames(names);
  const attributes: Uint8Array[] = [];
  if (hasAlternatives(checked)) {
    const extensions = encodeExtensions({ alternativeNames: checked }, false);
    attributes.push(sequence(extensionRequestOid, derValue(derTag.set, sequence(...extensions))));
  }
  const signing = signingWith(keys.privateKey, digest);
  const info = sequence(
    integer(0n),
    encodeName(checked),
    spkiOf(keys.publicKey),
    derValue(constructedContextTag(0), ...attributes),
  );
  return encodePem('CERTIFICATE REQUEST', encodeSigned(info, signing));
}

function requestedExtensions(attributes: readonly Element[]): RawExtension[] {
  const lists: DerReader[] = [];
  for (const { der } of attributes) {
    const attribute = DerReader.inside(der, derTag.sequence, structureName);
    const type = attribute.take(derTag.objectIdentifier).der;
    const values = attribute.fields(derTag.set);
    attribute.end();
    if (Buffer.compare(type, extensionRequestOid) !== 0) continue;
    lists.push(values.fields(derTag.sequence));
    values.end();
  }
  const [list, ...more] = lists;
  if (more.length > 0) throw new CaError('duplicate-extension', 'the request has more than one list of extensions');
  return list === undefined ? [] : readExtensionList(list);
}

/**
 * Parses a request and verifies its proof of possession.
 *
 * @throws CaError as `checkRequest`
 */
export function parseRequest(request: string | Uint8Array): ParsedRequest {
  const der = derFrom('CERTIFICATE REQUEST', request);
  const structure = readSigned(der, structureName);

  const fields = DerReader.inside(structure.signed, derTag.sequence, structureName);
  const version = fields.take(derTag.integer).content;
  if (version.length !== 1 || version[0] !== 0) throw new CaError('malformed', 'not a version 1 certificate request');
  const subject = fields.take(derTag.sequence).der;
  const spki = fields.take(derTag.sequence).der;
  // RFC 2986 requires the attributes, but some programs omit an empty set.
  const attributes = fields.done ? [] : fields.fields(constructedContextTag(0)).rest();
  fields.end();

  const publicKey = publicKeyFromSpki(spki);
  const keyType = requireStrongKey(publicKey);
  if (!isSignedBy(structure, publicKey)) {
    throw new CaError('no-possession', 'the request is not signed by the key that it contains');
  }

  const extensions = requestedExtensions(attributes);
  const requested = readExtensions(extensions);
  const names = { ...readName(subject).names, ...requested.alternativeNames };
  return {
    info: { publicKey, keyType, names, extensions: extensions.map(({ oid }) => oid) },
    der,
    spki,
    requested,
    critical: extensions.filter(({ critical }) => critical).map(({ oid }) => oid),
  };
}

/**
 * Reads a request and verifies its proof of possession: the signature must be by the key that the request contains.
 *
 * @param request PEM or DER, at most 48 000 bytes
 * @throws CaError `FormErrorCode`, `bad-name`, `weak-key`, `weak-digest`, `unsupported-algorithm`, `no-possession`
 */
export function checkRequest(request: string | Uint8Array): CheckedRequest {
  return parseRequest(request).info;
}
