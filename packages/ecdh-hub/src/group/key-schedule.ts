/**
 * The key schedule: HKDF (RFC 5869) derives from the secret of an epoch (32 bytes) the key to use, the commitment that the
 * announcement names, and the secret of a `step` epoch after it. Each derivation names the epoch's context, so no value
 * serves two purposes, two epochs or two groups.
 */
import type { Backend } from '../backend/backend.ts';
import { concat, lengthPrefixed } from '../encoding/bytes.ts';

/** The size of an epoch's secret. */
export const secretBytes = 32;
const derivedBytes = 32;

/** Hashes the group's name and everything that is announced of an epoch but its commitment. */
export function epochContext(backend: Backend, groupName: string, body: Uint8Array): Uint8Array {
  const text = new TextEncoder();
  return backend.sha256(concat([lengthPrefixed([text.encode('ecdh-hub epoch v1'), text.encode(groupName)]), body]));
}

/** Derives the key for the group's own use: 32 bytes. It reveals nothing about the secret or about keys of other epochs. */
export function epochKey(backend: Backend, secret: Uint8Array, context: Uint8Array): Uint8Array {
  return derive(backend, secret, { label: 'ecdh-hub key v1', context });
}

/** Derives the public commitment. Two secrets never have the same one, so a hub cannot hand out two keys for one epoch. */
export function commitmentTo(backend: Backend, secret: Uint8Array, context: Uint8Array): Uint8Array {
  return derive(backend, secret, { label: 'ecdh-hub commitment v1', context });
}

/** Derives the secret of the `step` epoch with this context from the secret before it. */
export function stepSecret(backend: Backend, previousSecret: Uint8Array, context: Uint8Array): Uint8Array {
  return derive(backend, previousSecret, { label: 'ecdh-hub step v1', context });
}

function derive(
  backend: Backend,
  secret: Uint8Array,
  { label, context }: { readonly label: string; readonly context: Uint8Array },
): Uint8Array {
  const info = lengthPrefixed([new TextEncoder().encode(label), context]);
  return backend.hkdf(secret, { salt: new Uint8Array(), info, length: derivedBytes });
}
