/** Reads the name constraints extension (RFC 5280 section 4.2.1.10). `verify/name-subtree.ts` decides which names it permits. */
import type { Element } from '../../der/canonical-der.ts';
import type { DerReader } from '../../der/der-reader.ts';
import { constructedContextTag, derTag } from '../../der/der-writer.ts';
import { CaError } from '../../errors.ts';
import { generalNameTag } from './alternative-names.ts';
import { readName } from './distinguished-name.ts';

/** A subtree of names. */
export type Subtree =
  /** A host and all hosts below it; with a leading dot only the hosts below; empty for every host. */
  | { readonly form: 'dns'; readonly host: string }
  /** A mailbox (with `@`), all mailboxes of a host, or all mailboxes below a domain (leading dot); empty for every mailbox. */
  | { readonly form: 'email'; readonly pattern: string }
  /** All URIs with this host, or with a host below a domain (leading dot); empty for every host. */
  | { readonly form: 'uri'; readonly pattern: string }
  /** An address range. Both arrays have 4 or 16 bytes. */
  | { readonly form: 'ip'; readonly address: Uint8Array; readonly mask: Uint8Array }
  /** All names that begin with these RDNs (`DistinguishedName.rdns`). */
  | { readonly form: 'directory'; readonly rdns: readonly string[] }
  /** A form that this library does not process, by its tag. */
  | { readonly form: 'unread'; readonly tag: number };

/** The name constraints of a CA certificate. */
export interface NameConstraints {
  readonly permitted: readonly Subtree[];
  readonly excluded: readonly Subtree[];
}

const maxSubtrees = 500;
const labels = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.(?!$)|$))+$/;

function malformed(reason: string): CaError {
  return new CaError('malformed', `name constraints with ${reason}`);
}

function textOf({ content }: Element): string {
  return Buffer.from(content).toString('latin1').toLowerCase();
}

/** Returns the text, which must be a host name in lower case. */
function hostOf(text: string): string {
  if (text.length > 253 || !labels.test(text)) throw malformed('an invalid host name');
  return text;
}

/** Returns the text, which must be a host name, a domain with a leading dot, or empty (every host). */
function hostOrDomainOf(text: string): string {
  if (text !== '') hostOf(text.startsWith('.') ? text.slice(1) : text);
  return text;
}

function emailPatternOf(element: Element): string {
  const at = textOf(element).lastIndexOf('@');
  if (at < 0) return hostOrDomainOf(textOf(element));
  // The case of the part before the @ matters (section 7.5).
  const mailbox = Buffer.from(element.content).toString('latin1').slice(0, at);
  if (mailbox === '' || mailbox.includes('@')) throw malformed('an invalid mail address');
  return `${mailbox}@${hostOf(textOf(element).slice(at + 1))}`;
}

function ipSubtree({ content }: Element): Subtree {
  const half = content.length / 2;
  if (half !== 4 && half !== 16) throw malformed('an address range of the wrong length');
  const [address, mask] = [content.subarray(0, half), content.subarray(half)];
  // The bits must be ones and then zeros, as in a CIDR block (RFC 4632).
  const bits = Array.from(mask, (byte) => byte.toString(2).padStart(8, '0')).join('');
  if (bits.includes('01')) throw malformed('an address mask with holes');
  return { form: 'ip', address, mask };
}

/** A common name that is not valid has its place in a name all the same. */
function directorySubtree({ content }: Element): Subtree {
  return { form: 'directory', rdns: readName(content, () => {}).rdns };
}

const readers: ReadonlyMap<number, (base: Element) => Subtree> = new Map([
  [generalNameTag.dns, (base): Subtree => ({ form: 'dns', host: hostOrDomainOf(textOf(base)) })],
  [generalNameTag.email, (base): Subtree => ({ form: 'email', pattern: emailPatternOf(base) })],
  [generalNameTag.uri, (base): Subtree => ({ form: 'uri', pattern: hostOrDomainOf(textOf(base)) })],
  [generalNameTag.ip, ipSubtree],
  [generalNameTag.directory, directorySubtree],
]);

function readSubtrees(list: DerReader): Subtree[] {
  const subtrees: Subtree[] = [];
  do {
    const subtree = list.fields(derTag.sequence);
    const base = subtree.next();
    // No field may follow: the minimum is always 0, which DER omits, and there is no maximum.
    subtree.end();
    subtrees.push(readers.get(base.tag)?.(base) ?? { form: 'unread', tag: base.tag });
    if (subtrees.length > maxSubtrees) throw malformed(`more than ${maxSubtrees} subtrees`);
  } while (!list.done);
  return subtrees;
}

/**
 * Reads the value of a name constraints extension.
 *
 * @throws CaError `malformed`
 */
export function readNameConstraints(fields: DerReader): NameConstraints {
  const constraints = fields.fields(derTag.sequence);
  if (constraints.done) throw malformed('no subtrees');
  const [permittedTag, excludedTag] = [constructedContextTag(0), constructedContextTag(1)];
  const permitted = constraints.tag === permittedTag ? readSubtrees(constraints.fields(permittedTag)) : [];
  const excluded = constraints.tag === excludedTag ? readSubtrees(constraints.fields(excludedTag)) : [];
  constraints.end();
  return { permitted, excluded };
}
