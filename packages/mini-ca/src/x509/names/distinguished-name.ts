/**
 * Distinguished names (RFC 5280 section 4.1.2.4): written with one attribute to each RDN and UTF8String values, read in
 * every form, and compared as section 7.1 has it: without regard to case, extra white space and type of string.
 */
import { DerReader } from '../../der/der-reader.ts';
import { derTag, derValue, sequence } from '../../der/der-writer.ts';
import { decodeObjectIdentifier, encodeObjectIdentifier } from '../../der/object-identifier.ts';
import { CaError } from '../../errors.ts';
import { checkNames, type Names } from './names.ts';
import { decodeText } from './string-types.ts';

/** In the order in which they are written. Attributes that are not listed are left alone when read. */
const attributes = [
  ['organization', '2.5.4.10'],
  ['commonName', '2.5.4.3'],
] as const;

const emailAddressOid = '1.2.840.113549.1.9.1';
const maxAttributes = 64;

/** DER. */
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
  /** Absent when the value is not text. */
  readonly text?: string;
}

/** A name that was read. */
export interface DistinguishedName {
  /** Common name and organisation. */
  readonly names: Names;
  /** One text for each RDN: two RDNs are the same name if and only if these are. The first is the root of the tree. */
  readonly rdns: readonly string[];
  /** The same for the whole name. */
  readonly key: string;
  /** The mail addresses among the attributes, a form from before the alternative names. */
  readonly emails: readonly string[];
}

/** Texts that RFC 5280 section 7.1 calls equal become the same. */
function comparable(text: string): string {
  return text.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, ' ');
}

function namesFrom(found: readonly Attribute[]): Names {
  const names: Names = {};
  for (const [kind, oid] of attributes) {
    const [first, ...more] = found.filter(({ type }) => type === oid);
    if (first === undefined) continue;
    if (more.length > 0) throw new CaError('malformed', `more than one ${kind} in a distinguished name`);
    if (first.text === undefined) throw new CaError('malformed', `a ${kind} that is not text`);
    names[kind] = first.text;
  }
  return checkNames(names);
}

/**
 * @param name canonical DER
 * @throws CaError `malformed`, also when the common name or the organisation is there twice: which would count is
 *   anybody's guess
 * @throws CaError `bad-name`
 */
export function readName(name: Uint8Array): DistinguishedName {
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
      found.push({ type, ...(text !== undefined && { text }) });
      keys.push(
        `${type}=${text === undefined ? `#${Buffer.from(value.der).toString('hex')}` : ` ${comparable(text)}`}`,
      );
      if (found.length > maxAttributes) throw new CaError('malformed', `over ${maxAttributes} attributes in a name`);
    } while (!set.done);
    rdns.push(JSON.stringify(keys.sort()));
  }
  const emails = found.flatMap(({ type, text }) => (type === emailAddressOid && text !== undefined ? [text] : []));
  return { names: namesFrom(found), rdns, key: rdns.join(), emails };
}
