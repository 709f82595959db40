/**
 * Reads and writes distinguished names (RFC 5280 section 4.1.2.4). Writes one attribute in each RDN, as UTF8String. Compares names
 * by section 7.1: case, repeated white space and the type of string do not matter.
 */
import { DerReader } from '../../der/der-reader.ts';
import { derTag, derValue, sequence } from '../../der/der-writer.ts';
import { type OnDeviation, refuseDeviation } from '../../der/deviation.ts';
import { decodeObjectIdentifier, encodeObjectIdentifier } from '../../der/object-identifier.ts';
import { CaError } from '../../errors.ts';
import { badName, isValidName, type Names } from './names.ts';
import { decodeText } from './string-types.ts';

/** The known attributes in the order in which they are written. Other attributes are ignored when a name is read. */
const attributes = [
  ['organization', '2.5.4.10'],
  ['commonName', '2.5.4.3'],
] as const;

const emailAddressOid = '1.2.840.113549.1.9.1';
const maxAttributes = 64;

/** Encodes common name and organization as a distinguished name. */
export function encodeName(names: Names): Uint8Array {
  const rdns = attributes.flatMap(([kind, oid]) => {
    const text = names[kind];
    if (text === undefined) return [];
    const value = derValue(derTag.utf8String, Buffer.from(text));
    return [derValue(derTag.set, sequence(encodeObjectIdentifier(oid), value))];
  });
  return sequence(...rdns);
}

interface Attribute {
  readonly type: string;
  /** Null when the value is not text. */
  readonly text: string | null;
}

/** A distinguished name that was read. */
export interface DistinguishedName {
  /** Common name and organization. */
  readonly names: Names;
  /** A key for each RDN, the root first. Two RDNs are equal (section 7.1) if and only if their keys are equal. */
  readonly rdns: readonly string[];
  /** A key for the whole name. Two names are equal (section 7.1) if and only if their keys are equal. */
  readonly key: string;
  /** The emailAddress attributes, an older form than alternative names. */
  readonly emails: readonly string[];
}

/** Returns the same text for texts that are equal by RFC 5280 section 7.1. */
function comparable(text: string): string {
  return text.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, ' ');
}

function namesFrom(found: readonly Attribute[], onUnusable: OnDeviation): Names {
  const names: Names = {};
  for (const [kind, oid] of attributes) {
    const [first, ...more] = found.filter(({ type }) => type === oid);
    if (first === undefined) continue;
    if (more.length > 0) onUnusable(new CaError('malformed', `more than one ${kind} in a distinguished name`));
    else if (first.text === null) onUnusable(new CaError('malformed', `a ${kind} that is not text`));
    else if (isValidName(kind, first.text)) names[kind] = first.text;
    else onUnusable(badName(kind, first.text));
  }
  return names;
}

/**
 * Reads a distinguished name.
 *
 * @param name canonical DER
 * @param onUnusable receives what `names` leaves out: a common name or organization that is not valid, or occurs twice, because it
 *   is undefined which one counts. Default: they are refused
 * @throws CaError `malformed`
 */
export function readName(name: Uint8Array, onUnusable: OnDeviation = refuseDeviation): DistinguishedName {
  const found: Attribute[] = [];
  const rdns: string[] = [];
  const list = DerReader.inside(name, derTag.sequence, 'distinguished name');
  while (!list.done) {
    const set = list.fields(derTag.set);
    const keys: string[] = [];
    do {
      const pair = set.fields(derTag.sequence);
      const type = decodeObjectIdentifier(pair.take(derTag.objectIdentifier).content);
      const value = pair.next();
      pair.end();
      const text = decodeText(value);
      found.push({ type, text });
      keys.push(`${type}=${text === null ? `#${Buffer.from(value.der).toString('hex')}` : ` ${comparable(text)}`}`);
      if (found.length > maxAttributes) {
        throw new CaError('malformed', `more than ${maxAttributes} attributes in a name`);
      }
    } while (!set.done);
    rdns.push(JSON.stringify(keys.sort()));
  }
  const emails = found.flatMap(({ type, text }) => (type === emailAddressOid && text !== null ? [text] : []));
  return { names: namesFrom(found, onUnusable), rdns, key: rdns.join(), emails };
}
