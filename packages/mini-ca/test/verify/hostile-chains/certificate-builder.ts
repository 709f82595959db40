/**
 * Certificates with anything in them, right by default: what a row of the tables does not mention is as it should be.
 * Built from bytes, so that what the library would never write can be written.
 */
import { type KeyObject, sign } from 'node:crypto';
import {
  bitString,
  constructedContextTag,
  contextTag,
  derTag,
  derValue,
  integer,
  sequence,
} from '../../../src/der/der-writer.ts';
import { encodeObjectIdentifier } from '../../../src/der/object-identifier.ts';
import { encodePem } from '../../../src/der/pem.ts';
import { encodeTime } from '../../../src/der/time.ts';
import { createKeyPair, type KeyPair } from '../../../src/index.ts';
import { encodeExtension } from '../../../src/x509/extension-list.ts';
import { keyIdentifierOf } from '../../../src/x509/extensions.ts';
import { encodeKeyUsage, keyUsageBits } from '../../../src/x509/key-usage.ts';
import { encodeName } from '../../../src/x509/names/distinguished-name.ts';

export const oid = {
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  alternativeNames: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  crlNumber: '2.5.29.20',
  reason: '2.5.29.21',
  deltaIndicator: '2.5.29.27',
  distributionPoint: '2.5.29.28',
  certificateIssuer: '2.5.29.29',
  nameConstraints: '2.5.29.30',
  listPoints: '2.5.29.31',
  policies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  freshestCrl: '2.5.29.46',
  authorityKeyId: '2.5.29.35',
  authorityInformation: '1.3.6.1.5.5.7.1.1',
  policyConstraints: '2.5.29.36',
  purposes: '2.5.29.37',
  inhibitAnyPolicy: '2.5.29.54',
} as const;
export const purpose = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2', any: '2.5.29.37.0' } as const;

const dayMs = 86_400_000;
/** The present, since not every peer can be asked about another time. */
export const now = new Date(Math.floor(Date.now() / 1000) * 1000);

export function days(count: number): Date {
  return new Date(now.getTime() + count * dayMs);
}

const keys = new Map<string, KeyPair>();

/** The same key for the same label, P-256 unless the label is there already. */
export function keyOf(label: string, make = () => createKeyPair('ec')): KeyPair {
  const known = keys.get(label);
  if (known !== undefined) return known;
  const made = make();
  keys.set(label, made);
  return made;
}

/** An extension by what is in it; null leaves it out. */
export type ExtensionOverride = { readonly critical: boolean; readonly value: Uint8Array } | null;

export function critical(value: Uint8Array): ExtensionOverride {
  return { critical: true, value };
}

export function plain(value: Uint8Array): ExtensionOverride {
  return { critical: false, value };
}

export const extensionValue = {
  basicConstraints: (isCA: boolean, pathLength?: number) =>
    sequence(
      ...(isCA ? [derValue(derTag.boolean, Uint8Array.of(0xff))] : []),
      ...(pathLength === undefined ? [] : [integer(BigInt(pathLength))]),
    ),
  keyUsage: (...uses: (keyof typeof keyUsageBits)[]) =>
    encodeKeyUsage(uses.reduce((flags, use) => flags | keyUsageBits[use], 0)),
  purposes: (...ids: string[]) => sequence(...ids.map(encodeObjectIdentifier)),
  keyId: (id: Uint8Array) => derValue(derTag.octetString, id),
  authorityKeyId: (id: Uint8Array) => sequence(derValue(contextTag(0), id)),
  null: () => derValue(derTag.null),
};

/** One GeneralName, as alternative names and name constraints have them. */
export const generalName = {
  email: (text: string) => derValue(contextTag(1), Buffer.from(text)),
  dns: (text: string) => derValue(contextTag(2), Buffer.from(text)),
  directory: (name: Uint8Array) => derValue(constructedContextTag(4), name),
  uri: (text: string) => derValue(contextTag(6), Buffer.from(text)),
  ip: (...bytes: number[]) => derValue(contextTag(7), Uint8Array.from(bytes)),
  registeredId: (dotted: string) => derValue(contextTag(8), encodeObjectIdentifier(dotted).subarray(2)),
};

export function nameConstraints(subtrees: { permitted?: Uint8Array[]; excluded?: Uint8Array[] }): Uint8Array {
  const list = (number: number, names: Uint8Array[] | undefined) =>
    names === undefined ? [] : [derValue(constructedContextTag(number), ...names.map((name) => sequence(name)))];
  return sequence(...list(0, subtrees.permitted), ...list(1, subtrees.excluded));
}

export interface Made {
  readonly pem: string;
  readonly der: Uint8Array;
  readonly name: Uint8Array;
  readonly keys: KeyPair;
  readonly serial: bigint;
}

export interface Parts {
  /** The common name, or a whole name in DER. */
  readonly name?: string | Uint8Array;
  /** By default itself. */
  readonly issuer?: Pick<Made, 'name' | 'keys'>;
  readonly keys?: KeyPair;
  /** By default the issuer's. */
  readonly signer?: KeyObject;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly serial?: bigint;
  /** Both dates, in DER. */
  readonly validity?: Uint8Array;
  /** Alternative names; `chat.example` by default for leaves. */
  readonly names?: readonly Uint8Array[];
  readonly extensions?: Readonly<Record<string, ExtensionOverride>>;
  /** 3 by default; without 3 there are no extensions. */
  readonly version?: 1 | 3;
  readonly digest?: 'sha1' | 'sha256';
}

const signatureOids = { sha1: '1.2.840.10045.4.1', sha256: '1.2.840.10045.4.3.2' } as const;
const rsaWithSha256 = '1.2.840.113549.1.1.11';
const ed25519 = '1.3.101.112';

/** The AlgorithmIdentifier and the signature, for keys of the types that appear in the tables. */
export function signed(
  tbs: (algorithm: Uint8Array) => Uint8Array,
  key: KeyObject,
  digest: 'sha1' | 'sha256',
): Uint8Array {
  const type = key.asymmetricKeyType;
  const id = type === 'rsa' ? rsaWithSha256 : type === 'ed25519' ? ed25519 : signatureOids[digest];
  const parameters = type === 'rsa' ? [derValue(derTag.null)] : [];
  const algorithm = sequence(encodeObjectIdentifier(id), ...parameters);
  const bytes = tbs(algorithm);
  return sequence(bytes, algorithm, bitString(sign(type === 'ed25519' ? null : digest, bytes, key)));
}

let serials = 1000n;

function build(parts: Parts, defaults: Record<string, ExtensionOverride>, fallback: string): Made {
  const { name: given = fallback, version = 3, notBefore = days(-1), notAfter = days(1), digest = 'sha256' } = parts;
  const name = typeof given === 'string' ? encodeName({ commonName: given }) : given;
  const pair = parts.keys ?? keyOf(typeof given === 'string' ? given : fallback);
  const issuer = parts.issuer ?? { name, keys: pair };
  const serial = parts.serial ?? serials++;
  const spki = pair.publicKey.export({ type: 'spki', format: 'der' });
  const identifiers = {
    [oid.subjectKeyId]: plain(extensionValue.keyId(keyIdentifierOf(spki))),
    [oid.authorityKeyId]: plain(
      extensionValue.authorityKeyId(keyIdentifierOf(issuer.keys.publicKey.export({ type: 'spki', format: 'der' }))),
    ),
  };
  const extensions = Object.entries({ ...defaults, ...identifiers, ...parts.extensions }).flatMap(([id, extension]) =>
    extension === null ? [] : [encodeExtension({ oid: id, ...extension })],
  );
  const der = signed(
    (algorithm) =>
      sequence(
        ...(version === 3 ? [derValue(constructedContextTag(0), integer(2n))] : []),
        integer(serial),
        algorithm,
        issuer.name,
        parts.validity ?? sequence(encodeTime(notBefore), encodeTime(notAfter)),
        name,
        spki,
        ...(version === 3 && extensions.length > 0
          ? [derValue(constructedContextTag(3), sequence(...extensions))]
          : []),
      ),
    parts.signer ?? issuer.keys.privateKey,
    digest,
  );
  return { pem: encodePem('CERTIFICATE', der), der, name, keys: pair, serial };
}

/** A CA; without an issuer a root. */
export function makeCa(parts: Parts & { readonly name: string | Uint8Array; readonly pathLength?: number }): Made {
  const defaults = {
    [oid.basicConstraints]: critical(extensionValue.basicConstraints(true, parts.pathLength)),
    [oid.keyUsage]: critical(extensionValue.keyUsage('keyCertSign', 'cRLSign')),
  };
  return build(parts, defaults, 'CA');
}

/** A server's certificate for `chat.example`. */
export function makeLeaf(parts: Parts & { readonly issuer: Pick<Made, 'name' | 'keys'> }): Made {
  const defaults = {
    [oid.keyUsage]: critical(extensionValue.keyUsage('digitalSignature')),
    [oid.purposes]: plain(extensionValue.purposes(purpose.server)),
    [oid.alternativeNames]: plain(sequence(...(parts.names ?? [generalName.dns('chat.example')]))),
  };
  return build(parts, defaults, 'leaf');
}
