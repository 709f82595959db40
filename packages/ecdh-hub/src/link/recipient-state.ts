/** What the recipient's end of a link knows, and how it accepts a link, and finds and erases the key of a step. */
import type { Backend } from '../backend/backend.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { HubError } from '../errors.ts';
import { kemOf } from '../kem/kem-of.ts';
import { type KeyPair, requireMatch } from '../keys/key-pair.ts';
import { firstStep, nextChainKey, stepKeyOf } from './chain.ts';
import { openKey } from './link-wrap.ts';
import type { Opening } from './opening.ts';
import { deriveRoot } from './root.ts';
import { maxSkippedSteps, skippedKey, withoutStep, withSteps } from './skipped-steps.ts';

/** The state of the recipient's end. */
export interface RecipientState {
  readonly id: Uint8Array;
  /** The number of the first step that was neither used nor skipped. */
  readonly next: number;
  /** The chain key of that step. */
  readonly chainKey: Uint8Array;
  /** The keys of the skipped steps, as in `skipped-steps.ts`. */
  readonly skipped: Uint8Array;
}

/** The arguments of `acceptLink`. The opening is of the suite of the keys. */
export interface AcceptOptions {
  readonly keys: KeyPair;
  readonly opening: Opening;
  readonly context: Uint8Array;
}

/** The arguments of `unwrapStep`. */
export interface UnwrapStepOptions {
  readonly step: number;
  readonly wrap: Uint8Array;
  readonly context: Uint8Array;
}

/** The key of a step, and the state that no longer has it. */
interface FoundStep {
  readonly stepKey: Uint8Array;
  /** Derives what only a wrap that opens is worth: the keys of all steps that it skips. */
  stateAfter(): RecipientState;
}

/**
 * Accepts a link from its opening.
 *
 * @throws HubError `unwrap-failed`, `invalid-public-key`; `invalid-private-key` for a pair whose halves do not belong together
 */
export function acceptLink(backend: Backend, { keys, opening, context }: AcceptOptions): RecipientState {
  const { suite, encapsulation, confirmation } = opening;
  const { privateKey, publicKey: recipient } = keys;
  const sharedSecret = kemOf(backend, suite).load(privateKey, recipient).decapsulate(encapsulation);
  const root = deriveRoot(backend, sharedSecret, { suite: suite.name, recipient, encapsulation, context });
  if (!equalBytes(root.confirmation, confirmation)) {
    // Checked last, because it costs as much as the decapsulation and concerns only a damaged pair.
    requireMatch(backend, keys);
    throw new HubError('unwrap-failed', 'this link does not open with this key pair and this context');
  }
  return { id: root.id, next: firstStep, chainKey: root.chainKey, skipped: new Uint8Array() };
}

/**
 * Opens the wrap of a step. The state after it has neither the key of that step nor what leads to it.
 *
 * @throws HubError `link-step-used`, `link-step-ahead`, `unwrap-failed`
 */
export function unwrapStep(
  backend: Backend,
  state: RecipientState,
  { step, wrap, context }: UnwrapStepOptions,
): { readonly state: RecipientState; readonly key: Uint8Array } {
  const { stepKey, stateAfter } = step < state.next ? skippedStep(state, step) : laterStep(backend, state, step);
  const key = openKey(backend, stepKey, { wrap, context });
  if (key === null) throw new HubError('unwrap-failed', 'this wrap does not open with this link and this context');
  return { key, state: stateAfter() };
}

function skippedStep(state: RecipientState, step: number): FoundStep {
  const stepKey = skippedKey(state.skipped, step);
  if (stepKey === null) {
    throw new HubError(
      'link-step-used',
      `step ${step} of this link was used before, or is more than ${maxSkippedSteps} steps late: ask for a new wrap`,
    );
  }
  return { stepKey, stateAfter: () => ({ ...state, skipped: withoutStep(state.skipped, step) }) };
}

/** Until the wrap has opened, its number is only a claim, so this derives one value for each step that it skips, and not two. */
function laterStep(backend: Backend, state: RecipientState, step: number): FoundStep {
  if (step - state.next > maxSkippedSteps) {
    throw new HubError(
      'link-step-ahead',
      `step ${step} of this link is more than ${maxSkippedSteps} steps ahead: read those before it, or ask for a new link`,
    );
  }
  let chainKey = state.chainKey;
  const passed: Uint8Array[] = [];
  for (let each = state.next; each < step; each++) {
    passed.push(chainKey);
    chainKey = nextChainKey(backend, chainKey);
  }
  const stateAfter = (): RecipientState => ({
    id: state.id,
    next: step + 1,
    chainKey: nextChainKey(backend, chainKey),
    skipped: withSteps(
      state.skipped,
      passed.map((each) => stepKeyOf(backend, each)),
      { firstAdded: state.next, oldest: step - maxSkippedSteps },
    ),
  });
  return { stepKey: stepKeyOf(backend, chainKey), stateAfter };
}
