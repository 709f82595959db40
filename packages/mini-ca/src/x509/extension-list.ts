/** The frame that all extensions share (RFC 5280 section 4.1): identifier, critical or not, value. */
import type { DerReader } from '../der/der-reader.ts';
import { derTag, derValue, sequence } from '../der/der-writer.ts';
import { decodeObjectIdentifier, encodeObjectIdentifier } from '../der/object-identifier.ts';
import { CaError } from '../errors.ts';

/** An extension whose value has not been looked at. */
export interface RawExtension {
  /** Dotted. */
  readonly oid: string;
  readonly critical: boolean;
  /** The content of the OCTET STRING: canonical DER if the extension is what it should be, which nobody has checked. */
  readonly value: Uint8Array;
}

const maxExtensions = 64;
const derTrue = derValue(derTag.boolean, Buffer.of(0xff));

/**
 * @param fields the inside of an `Extensions` sequence
 * @throws CaError `malformed`, also when there is none or when there are over 64; `not-canonical`, `duplicate-extension`
 */
export function readExtensionList(fields: DerReader): RawExtension[] {
  const found = new Map<string, RawExtension>();
  do {
    const extension = fields.fields(derTag.sequence);
    const oid = decodeObjectIdentifier(extension.take(derTag.objectIdentifier).content);
    const flag = extension.takeIf(derTag.boolean);
    // FALSE is the default, which DER leaves out.
    if (flag?.content[0] === 0) throw new CaError('not-canonical', 'an extension that writes out its default');
    const value = extension.take(derTag.octetString).content;
    extension.end();
    if (found.has(oid)) throw new CaError('duplicate-extension', `the extension ${oid} is there twice`);
    found.set(oid, { oid, critical: flag !== undefined, value });
    if (found.size > maxExtensions) throw new CaError('malformed', `over ${maxExtensions} extensions`);
  } while (!fields.done);
  return [...found.values()];
}

/** One extension, whose value is DER already. */
export function encodeExtension({ oid, critical, value }: RawExtension): Uint8Array {
  const flag = critical ? [derTrue] : [];
  return sequence(encodeObjectIdentifier(oid), ...flag, derValue(derTag.octetString, value));
}
