/** Names as an X.501 distinguished name (RFC 5280 section 4.1.2.4): one attribute to each RDN, UTF8String values. */
import { AttributeTypeAndValue, AttributeValue, Name, RelativeDistinguishedName } from '@peculiar/asn1-x509';
import { CaError } from './errors.ts';
import { checkNames, type Names } from './names.ts';

/** In the order in which they are written. Attributes that are not listed are left alone when read. */
const attributes = [
  ['organization', '2.5.4.10'],
  ['commonName', '2.5.4.3'],
] as const;

export function encodeName(names: Names): Name {
  const rdns = attributes.flatMap(([kind, type]) => {
    const utf8String = names[kind];
    if (utf8String === undefined) return [];
    const value = new AttributeValue({ utf8String });
    return [new RelativeDistinguishedName([new AttributeTypeAndValue({ type, value })])];
  });
  return new Name(rdns);
}

/**
 * The common name and organisation of a distinguished name.
 *
 * @throws CaError `malformed` when one of them is there twice: which would count is anybody's guess
 * @throws CaError `bad-name`
 */
export function decodeName(name: Name): Names {
  const names: Names = {};
  for (const [kind, type] of attributes) {
    const [found, ...more] = name.flatMap((rdn) => rdn.filter((attribute) => attribute.type === type));
    if (found === undefined) continue;
    if (more.length > 0) throw new CaError('malformed', `more than one ${kind} in a distinguished name`);
    if (found.value.anyValue !== undefined) throw new CaError('malformed', `a ${kind} that is not text`);
    names[kind] = found.value.toString();
  }
  return checkNames(names);
}
