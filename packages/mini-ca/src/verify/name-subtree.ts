/** Decides whether a name is within a subtree of names (RFC 5280 section 4.2.1.10), with one function for each form. */
import { generalNameTag } from '../x509/names/alternative-names.ts';
import type { Subtree } from '../x509/names/name-constraints.ts';
import { isHostName } from '../x509/names/names.ts';

/** A name of a certificate, in the form in which constraints apply to it. */
export type ConstrainedName =
  | { readonly form: 'dns' | 'email' | 'uri'; readonly text: string }
  | { readonly form: 'ip'; readonly address: Uint8Array }
  | { readonly form: 'directory'; readonly rdns: readonly string[] }
  | { readonly form: 'unread'; readonly tag: number };

/** True when the pattern contains the host. `.example` contains every host below `example`, but not `example`. */
function isHostIn(host: string, pattern: string): boolean {
  if (pattern === '') return true;
  return pattern.startsWith('.') ? host.endsWith(pattern) : host === pattern;
}

function isDnsIn(name: string, base: string): boolean {
  if (base === '' || name === base) return true;
  return name.endsWith(base.startsWith('.') ? base : `.${base}`);
}

function isEmailIn(mailbox: string, pattern: string): boolean {
  const at = mailbox.lastIndexOf('@');
  const host = mailbox.slice(at + 1).toLowerCase();
  if (pattern.includes('@')) return `${mailbox.slice(0, at)}@${host}` === pattern;
  return isHostIn(host, pattern);
}

function isAddressIn(name: Uint8Array, base: Uint8Array, mask: Uint8Array): boolean {
  return (
    name.length === base.length &&
    name.every((byte, i) => (byte & (mask[i] ?? 0)) === ((base[i] ?? 0) & (mask[i] ?? 0)))
  );
}

/** Returns the host of a URI (RFC 3986 section 3.2.2), or null when it has none or the host is not a name. */
export function hostOfUri(uri: string): string | null {
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(uri)?.[1];
  const host = authority?.replace(/^.*@/, '').replace(/:\d*$/, '').toLowerCase();
  return host !== undefined && isHostName(host) ? host : null;
}

/** True when the name is within the subtree. Both must be of the same form. */
export function isWithin(name: ConstrainedName, subtree: Subtree): boolean {
  if (name.form === 'dns' && subtree.form === 'dns') return isDnsIn(name.text.toLowerCase(), subtree.host);
  if (name.form === 'email' && subtree.form === 'email') return isEmailIn(name.text, subtree.pattern);
  if (name.form === 'uri' && subtree.form === 'uri') return isHostIn(hostOfUri(name.text) ?? '', subtree.pattern);
  if (name.form === 'ip' && subtree.form === 'ip') return isAddressIn(name.address, subtree.address, subtree.mask);
  if (name.form === 'directory' && subtree.form === 'directory') {
    return subtree.rdns.every((rdn, i) => rdn === name.rdns[i]);
  }
  return false;
}

/**
 * True when a host that the name stands for can be within the subtree. A wildcard stands for every label in its place, and one of
 * these labels may be excluded.
 */
export function mayBeWithin(name: ConstrainedName, subtree: Subtree): boolean {
  if (isWithin(name, subtree)) return true;
  if (name.form !== 'dns' || subtree.form !== 'dns' || !name.text.startsWith('*.')) return false;
  const dot = subtree.host.indexOf('.');
  return dot > 0 && subtree.host.slice(dot + 1) === name.text.slice(2).toLowerCase();
}

/** True when a constraint with this subtree applies to names of this form. */
export function isSameForm(name: ConstrainedName, subtree: Subtree): boolean {
  if (name.form !== 'unread') return name.form === subtree.form;
  return name.tag === (subtree.form === 'unread' ? subtree.tag : generalNameTag[subtree.form]);
}
