/** Checks the names of a certificate against the name constraints of the CAs above (RFC 5280 sections 4.2.1.10, 6.1.3 (b), (c)). */
import { CaError, quoted } from '../errors.ts';
import type { ParsedCertificate } from '../x509/certificate.ts';
import { ipBytes } from '../x509/names/ip-address.ts';
import type { NameConstraints } from '../x509/names/name-constraints.ts';
import { type ConstrainedName, hostOfUri, isSameForm, isWithin, mayBeWithin } from './name-subtree.ts';

/**
 * Returns all names of a certificate that constraints can apply to. The mail addresses of the subject are included even if there
 * are alternative names, which is stricter than the RFC. The common name is not a host name, because this library never uses it as
 * one.
 */
export function constrainedNames({ subject, extensions }: ParsedCertificate): ConstrainedName[] {
  const { dns = [], email = [], uri = [], ip = [] } = extensions.alternativeNames ?? {};
  const { directories = [], unreadForms = new Set<number>() } = extensions.allNames ?? {};
  return [
    ...[subject, ...directories].flatMap(({ rdns }) => (rdns.length > 0 ? [{ form: 'directory', rdns } as const] : [])),
    ...dns.map((text) => ({ form: 'dns', text }) as const),
    ...[...email, ...subject.emails].map((text) => ({ form: 'email', text }) as const),
    ...uri.map((text) => ({ form: 'uri', text }) as const),
    ...ip.map((text) => ({ form: 'ip', address: ipBytes(text) }) as const),
    ...Array.from(unreadForms, (tag) => ({ form: 'unread', tag }) as const),
  ];
}

function textOf(name: ConstrainedName): string {
  if ('text' in name) return `${name.form} ${quoted(name.text)}`;
  return name.form === 'unread' ? 'that is not valid or of a form that is not supported' : `of the form ${name.form}`;
}

function refused(name: ConstrainedName, reason: string): CaError {
  return new CaError('name-not-permitted', `the name ${textOf(name)} ${reason}`);
}

/**
 * Requires names that one set of constraints permits. The caller applies each set on the path in turn: a name that all of them
 * permit is within their intersection.
 *
 * @throws CaError `name-not-permitted`
 */
export function requirePermitted(names: readonly ConstrainedName[], { permitted, excluded }: NameConstraints): void {
  for (const name of names) {
    const [within, without] = [permitted, excluded].map((trees) => trees.filter((tree) => isSameForm(name, tree)));
    if (within === undefined || without === undefined || within.length + without.length === 0) continue;
    if (name.form === 'unread') throw refused(name, 'is constrained');
    if (name.form === 'uri' && hostOfUri(name.text) === null) throw refused(name, 'has no host name');
    if (without.some((tree) => mayBeWithin(name, tree))) throw refused(name, 'is excluded by an issuer');
    if (within.length > 0 && !within.some((tree) => isWithin(name, tree))) {
      throw refused(name, 'is not permitted by an issuer');
    }
  }
}
