/** Fingerprints for people to compare: groups of four digits in capitals, as the server prints its own. */

const groups = (digits: string): string => (digits.toUpperCase().match(/.{1,4}/g) ?? []).join(' ');

/** All 64 digits in two rows, `A1B2 C3D4 ...`, each with `indent` before it. */
export const grouped = (fingerprint: string, indent: string): string =>
  `${indent}${groups(fingerprint.slice(0, 32))}\n${indent}${groups(fingerprint.slice(32))}`;

/** The first 16 digits: enough to tell members apart in a list, not to compare identities by. */
export const shortened = (fingerprint: string): string => groups(fingerprint.slice(0, 16));
