/** Fingerprints as users compare them: groups of four capital digits, as the server prints its own. */

const groups = (digits: string): string => (digits.toUpperCase().match(/.{1,4}/g) ?? []).join(' ');

/** Returns all 64 digits in two rows, `A1B2 C3D4 ...`, each indented by `indent`. */
export const grouped = (fingerprint: string, indent: string): string =>
  `${indent}${groups(fingerprint.slice(0, 32))}\n${indent}${groups(fingerprint.slice(32))}`;

/** Returns the first 16 digits: enough to distinguish the members of a list, too few to verify an identity. */
export const shortened = (fingerprint: string): string => groups(fingerprint.slice(0, 16));
