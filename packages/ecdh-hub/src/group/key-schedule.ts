/**
 * What is derived from the secret of an epoch (32 bytes), by HKDF (RFC 5869): the key to use, the commitment that its
 * announcement names, and, one way, the secret of a `step` epoch after it. Each names the epoch's context, so nothing
 * serves two purposes, two epochs or two groups.
 */
import type { Backend } from '../backend/backend.ts';
import { concat, lengthPrefixed } from '../encoding/bytes.ts';

/** All in bytes. */
export const SECRET = 32;
const DERIVED = 32;

/** The hash of the group's name and of all that is announced of an epoch but its commitment. */
export function epochContext(backend: Backend, groupName: string, body: Uint8Array): Uint8Array {
  const text = new TextEncoder();
  return backend.sha256(concat([lengthPrefixed([text.encode('ecdh-hub epoch v1'), text.encode(groupName)]), body]));
}

/** The key for the group's own use. It tells nothing about the secret, so it may be kept, or lost, for itself. */
export function epochKey(backend: Backend, secret: Uint8Array, context: Uint8Array): Uint8Array {
  return derive(backend, secret, 'ecdh-hub key v1', context);
}

/** Public. Nobody finds two secrets with the same one, so a hub cannot hand out two keys for one epoch. */
export function commitmentTo(backend: Backend, secret: Uint8Array, context: Uint8Array): Uint8Array {
  return derive(backend, secret, 'ecdh-hub commitment v1', context);
}

/** The secret of the `step` epoch with this context, from the one before it. */
export function stepSecret(backend: Backend, before: Uint8Array, context: Uint8Array): Uint8Array {
  return derive(backend, before, 'ecdh-hub step v1', context);
}

function derive(backend: Backend, secret: Uint8Array, label: string, context: Uint8Array): Uint8Array {
  const info = lengthPrefixed([new TextEncoder().encode(label), context]);
  return backend.hkdf(secret, new Uint8Array(), info, DERIVED);
}
