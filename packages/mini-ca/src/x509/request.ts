/**
 * Certificate requests: PKCS#10 (RFC 2986) with the extensions that are asked for in an extensionRequest attribute
 * (RFC 2985 section 5.4.2).
 */
import type { KeyObject } from 'node:crypto';
import type { Element } from '../der/canonical-der.ts';
import { DerReader } from '../der/der-reader.ts';
import { constructedContextTag, derTag, derValue, integer, sequence } from '../der/der-writer.ts';
import { encodeObjectIdentifier } from '../der/object-identifier.ts';
import { derFrom, encodePem } from '../der/pem.ts';
import { CaError } from '../errors.ts';
import { isKeyPair, type KeyPair } from '../keys/key-pair.ts';
import { type KeyType, publicKeyFromSpki, requireStrongKey, spkiOf } from '../keys/key-policy.ts';
import { type RawExtension, readExtensionList } from './extension-list.ts';
import { encodeExtensions, type ReadExtensions, readExtensions } from './extensions.ts';
import { encodeName, readName } from './names/distinguished-name.ts';
import { checkNames, hasAlternatives, type Names } from './names/names.ts';
import { type Digest, signingWith, verifyBytes } from './signature-algorithm.ts';
import { encodeSigned, readSigned } from './signed-structure.ts';

const structureName = 'certificate request';
const extensionRequestOid = encodeObjectIdentifier('1.2.840.113549.1.9.14');

/** A request whose sender has shown that it holds the private key. */
export interface CheckedRequest {
  readonly publicKey: KeyObject;
  readonly keyType: KeyType;
  /** The names that it asks for, of the subject and the alternative names together. A wish, not a fact. */
  readonly names: Names;
  /** Object identifiers of all the extensions that it asks for. */
  readonly extensions: readonly string[];
}

/** A request with what issuing needs besides. */
export interface ParsedRequest {
  readonly info: CheckedRequest;
  readonly der: Uint8Array;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** What the extensions asked for say. */
  readonly requested: ReadExtensions;
  /** Object identifiers of those that are marked critical. */
  readonly critical: readonly string[];
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
  if (!isKeyPair(keys.privateKey, keys.publicKey)) {
    throw new CaError('key-mismatch', 'the public key is not the private key’s own');
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
  if (more.length > 0) throw new CaError('duplicate-extension', 'a request has at most one list of extensions');
  return list === undefined ? [] : readExtensionList(list);
}

/** @throws CaError as `checkRequest` */
export function parseRequest(request: string | Uint8Array): ParsedRequest {
  const der = derFrom('CERTIFICATE REQUEST', request);
  const { signed, algorithm, signature } = readSigned(der, structureName);

  const fields = DerReader.inside(signed, derTag.sequence, structureName);
  const version = fields.take(derTag.integer).content;
  if (version.length !== 1 || version[0] !== 0) throw new CaError('malformed', 'not a version 1 certificate request');
  const subject = fields.take(derTag.sequence).der;
  const spki = fields.take(derTag.sequence).der;
  // RFC 2986 has them, if only as an empty set; some writers leave that out.
  const attributes = fields.done ? [] : fields.fields(constructedContextTag(0)).rest();
  fields.end();

  const publicKey = publicKeyFromSpki(spki);
  const keyType = requireStrongKey(publicKey);
  if (!verifyBytes(signed, algorithm, signature, publicKey)) {
    throw new CaError('no-possession', 'the request is not signed by the key that it carries');
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
 * Reads a request strictly and verifies its proof of possession: that it is signed by the very key it carries.
 *
 * @param request PEM or DER, at most 48 000 bytes
 * @throws CaError `FormErrorCode`, `bad-name`, `weak-key`, `weak-digest`, `unsupported-algorithm`, `no-possession`
 */
export function checkRequest(request: string | Uint8Array): CheckedRequest {
  return parseRequest(request).info;
}
