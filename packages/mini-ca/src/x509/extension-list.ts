/** Reads and writes the structure that all extensions share (RFC 5280 section 4.1): identifier, critical flag, value. */
import type { DerReader } from '../der/der-reader.ts';
import { derTag, derTrue, octetString, sequence } from '../der/der-writer.ts';
import { type OnDeviation, refuseDeviation } from '../der/deviation.ts';
import { decodeObjectIdentifier, encodeObjectIdentifier } from '../der/object-identifier.ts';
import { CaError } from '../errors.ts';

/** An extension whose value has not been read. */
export interface RawExtension {
  /** Dotted. */
  readonly oid: string;
  readonly critical: boolean;
  /** The content of the OCTET STRING. It has not been checked to be DER. */
  readonly value: Uint8Array;
}

const maxExtensions = 64;

/**
 * Reads a list of extensions. A deviation is an encoded `critical FALSE`.
 *
 * @param fields the content of an `Extensions` sequence
 * @throws CaError `malformed`, also for no extension and for more than 64
 * @throws CaError `duplicate-extension`
 */
export function readExtensionList(fields: DerReader, onDeviation: OnDeviation = refuseDeviation): RawExtension[] {
  const found = new Map<string, RawExtension>();
  do {
    const extension = fields.fields(derTag.sequence);
    const oid = decodeObjectIdentifier(extension.take(derTag.objectIdentifier).content);
    const flag = extension.takeIf(derTag.boolean);
    // DER omits the default, FALSE.
    const critical = flag !== null && flag.content[0] !== 0;
    if (flag !== null && !critical) {
      onDeviation(new CaError('not-canonical', 'an extension with an encoded default value'));
    }
    const value = extension.take(derTag.octetString).content;
    extension.end();
    if (found.has(oid)) throw new CaError('duplicate-extension', `the extension ${oid} occurs twice`);
    found.set(oid, { oid, critical, value });
    if (found.size > maxExtensions) throw new CaError('malformed', `more than ${maxExtensions} extensions`);
  } while (!fields.done);
  return [...found.values()];
}

/** Encodes an extension whose value is DER already. */
export function encodeExtension({ oid, critical, value }: RawExtension): Uint8Array {
  const flag = critical ? [derTrue] : [];
  return sequence(encodeObjectIdentifier(oid), ...flag, octetString(value));
}
