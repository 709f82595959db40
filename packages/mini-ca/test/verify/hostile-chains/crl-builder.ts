/** Revocation lists with anything in them, right by default. */
import { constructedContextTag, contextTag, derValue, integer, sequence } from '../../../src/der/der-writer.ts';
import { encodePem } from '../../../src/der/pem.ts';
import { encodeTime } from '../../../src/der/time.ts';
import type { KeyPair } from '../../../src/index.ts';
import { encodeExtension } from '../../../src/x509/extension-list.ts';
import { keyIdentifierOf } from '../../../src/x509/extensions.ts';
import { days, type ExtensionOverride, type Made, oid, plain, signed } from './certificate-builder.ts';

export interface ListParts {
  readonly issuer: Pick<Made, 'name' | 'keys'>;
  /** By default the issuer's. */
  readonly signer?: KeyPair;
  readonly revoked?: readonly Made[];
  readonly thisUpdate?: Date;
  readonly nextUpdate?: Date;
  /** The dates of this list and the next one in DER. */
  readonly times?: readonly [Uint8Array, Uint8Array];
  readonly extensions?: Readonly<Record<string, ExtensionOverride>>;
  /** Of each entry. */
  readonly entryExtensions?: Readonly<Record<string, ExtensionOverride>>;
  readonly digest?: 'sha1' | 'sha256';
  /** The list of entries in DER, in place of those of `revoked`. */
  readonly entries?: Uint8Array;
}

function encodeAll(extensions: Readonly<Record<string, ExtensionOverride>>): Uint8Array[] {
  return Object.entries(extensions).flatMap(([id, extension]) =>
    extension === null ? [] : [encodeExtension({ oid: id, ...extension })],
  );
}

/** PEM. */
export function makeList(parts: ListParts): string {
  const { issuer, signer = issuer.keys, revoked = [], thisUpdate = days(-1), nextUpdate = days(1) } = parts;
  const keyId = keyIdentifierOf(issuer.keys.publicKey.export({ type: 'spki', format: 'der' }));
  const extensions = encodeAll({
    [oid.authorityKeyId]: plain(sequence(derValue(contextTag(0), keyId))),
    [oid.crlNumber]: plain(integer(1n)),
    ...parts.extensions,
  });
  const entryExtensions = encodeAll(parts.entryExtensions ?? {});
  const entries = revoked.map(({ serial }) =>
    sequence(
      integer(serial),
      encodeTime(days(-1)),
      ...(entryExtensions.length > 0 ? [sequence(...entryExtensions)] : []),
    ),
  );
  const der = signed(
    (algorithm) =>
      sequence(
        integer(1n),
        algorithm,
        issuer.name,
        ...(parts.times ?? [encodeTime(thisUpdate), encodeTime(nextUpdate)]),
        ...(parts.entries === undefined ? [] : [parts.entries]),
        ...(parts.entries === undefined && entries.length > 0 ? [sequence(Buffer.concat(entries))] : []),
        derValue(constructedContextTag(0), sequence(...extensions)),
      ),
    signer.privateKey,
    parts.digest ?? 'sha256',
  );
  return encodePem('X509 CRL', der);
}
