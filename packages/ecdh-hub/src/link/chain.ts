/**
 * The one-way chain of a link. A chain key gives the key of one step and the chain key of the next, by HMAC as a pseudorandom
 * function. Neither result leads back, so the chain key of a step gives the keys of that step and of all later ones, and no others.
 */
import type { Backend } from '../backend/backend.ts';
import { hmacSha256 } from './hmac.ts';

/** The size of chain keys and of step keys. */
export const linkKeyBytes = 32;

/** The number of the first step. */
export const firstStep = 1;
/** The number of the last step: it has four bytes on the wire. */
export const lastStep = 0xffff_ffff;

const stepLabel = /* @__PURE__ */ new TextEncoder().encode('ecdh-hub link step v1');
const chainLabel = /* @__PURE__ */ new TextEncoder().encode('ecdh-hub link chain v1');

/** Derives the key of the step to which a chain key belongs. */
export function stepKeyOf(backend: Backend, chainKey: Uint8Array): Uint8Array {
  return hmacSha256(backend, chainKey, stepLabel);
}

/** Derives the chain key of the next step. */
export function nextChainKey(backend: Backend, chainKey: Uint8Array): Uint8Array {
  return hmacSha256(backend, chainKey, chainLabel);
}
