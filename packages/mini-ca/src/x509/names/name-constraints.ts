/** The name constraints extension as bytes (RFC 5280 section 4.2.1.10). What a name must be to be within is in `name-subtree.ts`. */

import type { Element } from '../../der/canonical-der.ts';
import type { DerReader } from '../../der/der-reader.ts';
import { constructedContextTag, derTag } from '../../der/der-writer.ts';
import { CaError } from '../../errors.ts';
import { generalNameTag } from './alternative-names.ts';
import { readName } from './distinguished-name.ts';

/** One tree of names, by its root. */
export type Subtree =
  /** A host and everything below it, with a leading dot only what is below; empty for every host. */
  | { readonly form: 'dns'; readonly host: string }
  /** A mailbox (`@` in it), every mailbox at a host, or every mailbox below a domain (`.` first); empty for all. */
  | { readonly form: 'email'; readonly pattern: string }
  /** The host of a URI, or every host below a domain (`.` first); empty for all. */
  | { readonly form: 'uri'; readonly pattern: string }
  /** An address range; both of 4 bytes or of 16. */
  | { readonly form: 'ip'; readonly address: Uint8Array; readonly mask: Uint8Array }
  /** The RDNs with which a name begins, as `readName` gives them. */
  | { readonly form: 'directory'; readonly rdns: readonly string[] }
  /** A form of name that is not processed here, by its tag. */
  | { readonly form: 'unread'; readonly tag: number };

export interface NameConstraints {
  readonly permitted: readonly Subtree[];
  readonly excluded: readonly Subtree[];
}

const maxSubtrees = 500;
const labels = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.(?!$)|$))+$/;

function malformed(what: string): CaError {
  return new CaError('malformed', `name constraints with ${what}`);
}

function textOf({ content }: Element): string {
  return Buffer.from(content).toString('latin1').toLowerCase();
}

/** A host name, in lower case. */
function hostOf(text: string): string {
  if (text.length > 253 || !labels.test(text)) throw malformed('a host that is none');
  return text;
}

/** A host, a domain with a leading dot, or nothing, which stands for all of them. */
function hostOrDomainOf(text: string): string {
  if (text !== '') hostOf(text.startsWith('.') ? text.slice(1) : text);
  return text;
}

function emailPatternOf(element: Element): string {
  const at = textOf(element).lastIndexOf('@');
  if (at < 0) return hostOrDomainOf(textOf(element));
  // The part before the @ keeps its case, which matters (section 7.5).
  const mailbox = Buffer.from(element.content).toString('latin1').slice(0, at);
  return `${mailbox}@${hostOf(textOf(element).slice(at + 1))}`;
}

function ipSubtree({ content }: Element): Subtree {
  const half = content.length / 2;
  if (half !== 4 && half !== 16) throw malformed('an address range of the wrong length');
  const [address, mask] = [content.subarray(0, half), content.subarray(half)];
  // As a CIDR block has it: ones, then zeros (RFC 4632).
  const bits = Array.from(mask, (byte) => byte.toString(2).padStart(8, '0')).join('');
  if (bits.includes('01')) throw malformed('an address mask with holes');
  return { form: 'ip', address, mask };
}

const readers: ReadonlyMap<number, (base: Element) => Subtree> = new Map([
  [generalNameTag.dns, (base): Subtree => ({ form: 'dns', host: hostOrDomainOf(textOf(base)) })],
  [generalNameTag.email, (base): Subtree => ({ form: 'email', pattern: emailPatternOf(base) })],
  [generalNameTag.uri, (base): Subtree => ({ form: 'uri', pattern: hostOrDomainOf(textOf(base)) })],
  [generalNameTag.ip, ipSubtree],
  [generalNameTag.directory, (base): Subtree => ({ form: 'directory', rdns: readName(base.content).rdns })],
]);

function readSubtrees(list: DerReader): Subtree[] {
  const subtrees: Subtree[] = [];
  do {
    const subtree = list.fields(derTag.sequence);
    const base = subtree.next();
    // Minimum is 0, which DER leaves out, and there is no maximum: nothing else may stand here.
    subtree.end();
    subtrees.push(readers.get(base.tag)?.(base) ?? { form: 'unread', tag: base.tag });
    if (subtrees.length > maxSubtrees) throw malformed(`over ${maxSubtrees} subtrees`);
  } while (!list.done);
  return subtrees;
}

/** @throws CaError `malformed`, `bad-name` */
export function readNameConstraints(fields: DerReader): NameConstraints {
  const constraints = fields.fields(derTag.sequence);
  if (constraints.done) throw malformed('nothing in them');
  const [permittedTag, excludedTag] = [constructedContextTag(0), constructedContextTag(1)];
  const permitted = constraints.tag === permittedTag ? readSubtrees(constraints.fields(permittedTag)) : [];
  const excluded = constraints.tag === excludedTag ? readSubtrees(constraints.fields(excludedTag)) : [];
  constraints.end();
  return { permitted, excluded };
}
