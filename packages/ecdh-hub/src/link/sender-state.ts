/** What the sender's end of a link knows, and how it opens a link and wraps a key under its next step. */
import type { Backend } from '../backend/backend.ts';
import { HubError } from '../errors.ts';
import { kemOf } from '../kem/kem-of.ts';
import type { RandomBytes } from '../random.ts';
import type { SuiteParameters } from '../suite.ts';
import { firstStep, lastStep, nextChainKey, stepKeyOf } from './chain.ts';
import { sealKey } from './link-wrap.ts';
import { encodeOpening } from './opening.ts';
import { deriveRoot } from './root.ts';

/** The state of the sender's end. */
export interface SenderState {
  readonly id: Uint8Array;
  /** The number of the next step. */
  readonly step: number;
  /** The chain key of that step. */
  readonly chainKey: Uint8Array;
}

/** The arguments of `openLink`. */
export interface OpenOptions {
  readonly suite: SuiteParameters;
  readonly recipient: Uint8Array;
  readonly context: Uint8Array;
  readonly random: RandomBytes;
}

/**
 * Opens a link to a public key.
 *
 * @throws HubError `invalid-public-key`, `invalid-argument`
 */
export function openLink(
  backend: Backend,
  { suite, recipient, context, random }: OpenOptions,
): { readonly state: SenderState; readonly opening: Uint8Array } {
  const { encapsulation, sharedSecret } = kemOf(backend, suite).encapsulate(recipient, { random });
  const establishment = { suite: suite.name, recipient, encapsulation, context };
  const { id, chainKey, confirmation } = deriveRoot(backend, sharedSecret, establishment);
  return { state: { id, step: firstStep, chainKey }, opening: encodeOpening({ suite, confirmation, encapsulation }) };
}

/**
 * Wraps a key of 32 bytes under the next step. The state after it has neither the key of that step nor what leads to it.
 *
 * @throws HubError `link-exhausted`
 */
export function wrapStep(
  backend: Backend,
  { id, step, chainKey }: SenderState,
  { key, context }: { readonly key: Uint8Array; readonly context: Uint8Array },
): { readonly state: SenderState; readonly wrap: Uint8Array } {
  if (step > lastStep) throw new HubError('link-exhausted', 'this link has used all its steps: open another one');
  const stepKey = stepKeyOf(backend, chainKey);
  const wrap = sealKey(backend, stepKey, { id, step, context, key });
  stepKey.fill(0);
  return { wrap, state: { id, step: step + 1, chainKey: nextChainKey(backend, chainKey) } };
}
