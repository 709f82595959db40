/** Describes names and name constraints as text that is safe to print. */
import { visible } from '../visible-text.ts';
import { ipText } from '../x509/names/ip-address.ts';
import type { NameConstraints, Subtree } from '../x509/names/name-constraints.ts';
import { alternativeKinds, type Names } from '../x509/names/names.ts';

/** Returns common name and organization: `alice (Example)`. */
export function holderText({ commonName, organization }: Names): string {
  if (commonName === undefined && organization === undefined) return '(no name in the subject)';
  if (commonName === undefined || organization === undefined) return visible(commonName ?? organization ?? '');
  return `${visible(commonName)} (${visible(organization)})`;
}

/** Returns a line for each alternative name: kind and name. */
export function alternativeLines(names: Names): string[] {
  return alternativeKinds.flatMap((kind) => (names[kind] ?? []).map((name) => `${kind} ${visible(name)}`));
}

function prefixLength(mask: Uint8Array): number {
  return Array.from(mask, (byte) => byte.toString(2).replaceAll('0', '')).join('').length;
}

function subtreeText(subtree: Subtree): string {
  switch (subtree.form) {
    case 'dns':
      return `dns ${visible(subtree.host) || '(all)'}`;
    case 'email':
    case 'uri':
      return `${subtree.form} ${visible(subtree.pattern) || '(all)'}`;
    case 'ip':
      return `ip ${ipText(subtree.address)}/${prefixLength(subtree.mask)}`;
    case 'directory':
      return `directory ${visible(subtree.rdns.join(', ')) || '(all)'}`;
    default:
      return `a form that is not supported (tag ${subtree.tag})`;
  }
}

/** Returns a line for each subtree: `only` for permitted, `never` for excluded ones. */
export function constraintLines({ permitted, excluded }: NameConstraints): string[] {
  return [
    ...permitted.map((subtree) => `only ${subtreeText(subtree)}`),
    ...excluded.map((subtree) => `never ${subtreeText(subtree)}`),
  ];
}
