/** The recipient's end of a link: opens wraps in any order within a bound, each once. */
import { backend } from '#backend';
import { fromBase64url, toBase64url } from '../encoding/base64url.ts';
import { parseVersioned, refuseState, versioned } from '../encoding/versioned-json.ts';
import { HubError } from '../errors.ts';
import { type KeyPair, requireKeyPair } from '../keys/key-pair.ts';
import { requireContext } from '../wrap/context.ts';
import { firstStep, lastStep, linkKeyBytes } from './chain.ts';
import { decodeLinkWrap } from './link-wrap.ts';
import { decodeOpening } from './opening.ts';
import { acceptLink, type RecipientState, unwrapStep } from './recipient-state.ts';
import { linkIdBytes } from './root.ts';
import { maxSkippedBytes, requireSkipped, withoutStepsBefore } from './skipped-steps.ts';

/** An unwrapped key. Store `link` together with the key, or with what the key is for. */
export interface LinkedKey {
  /** The recipient's end after this step, which does not open the wrap again. Drop the one before. */
  readonly link: LinkRecipient;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/** The recipient's end of a link. Immutable: `unwrap` returns the next end and does not change this one. */
export class LinkRecipient {
  readonly #state: RecipientState;

  private constructor(state: RecipientState) {
    this.#state = state;
  }

  /**
   * Makes the recipient's end of a link from its opening. Verify first who sent the opening: anyone can open a link to a known public
   * key. The link needs the key pair no more.
   *
   * @param keys the pair whose public key the sender used
   * @param context the same bytes that the sender passed, at most 512
   * @throws HubError `unwrap-failed` for another pair, another context or a damaged opening, without saying which; `invalid-link` or
   *   `invalid-public-key` for what is not an opening, or is one for another suite; `invalid-private-key` or `invalid-argument` for
   *   wrong arguments, such as a pair whose halves do not belong together
   */
  static accept(keys: KeyPair, opening: Uint8Array, context: Uint8Array): LinkRecipient {
    const suite = requireKeyPair(keys);
    requireContext(context);
    const decoded = decodeOpening(opening);
    if (decoded.suite !== suite) {
      throw new HubError('invalid-link', `this opening is for ${decoded.suite.name}, the key pair is ${suite.name}`);
    }
    return new LinkRecipient(acceptLink(backend, { keys, opening: decoded, context }));
  }

  /**
   * Reads a recipient's end from the text that `JSON.stringify` made of it.
   *
   * @throws HubError `invalid-state`
   */
  static parse(text: string): LinkRecipient {
    const names = ['id', 'next', 'chainKey', 'skipped'] as const;
    const { id, next, chainKey, skipped: stored } = parseVersioned(text, 'link-recipient', names);
    if (!Number.isInteger(next) || (next as number) < firstStep || (next as number) > lastStep + 1) {
      refuseState('has a step that is not a whole number from 1 to 2^32');
    }
    const skipped = fromBase64url(stored, 'a list of skipped steps', sizeOfBase64url(stored));
    requireSkipped(skipped, next as number);
    return new LinkRecipient({
      id: fromBase64url(id, "a link's id", linkIdBytes),
      next: next as number,
      chainKey: fromBase64url(chainKey, 'a chain key', linkKeyBytes),
      skipped,
    });
  }

  /** The id of the link: 11 letters of base64url. `decodeLinkWrap` reads it from a wrap. */
  get id(): string {
    return toBase64url(this.#state.id);
  }

  /** The number after the latest step whose wrap was opened; 1 before the first. */
  get step(): number {
    return this.#state.next;
  }

  /**
   * Unwraps a key. A call that throws changes nothing, so a wrap that was damaged on the way can come again.
   *
   * @param wrap 60 bytes from `LinkSender.wrap`
   * @param context the same bytes that the sender passed, at most 512
   * @throws HubError `unwrap-failed` for another context or a damaged wrap, without saying which; `other-link` for a wrap of another
   *   link; `link-step-used` if the wrap was opened before or its step was forgotten, or it is more than 1,024 steps late; `link-step-ahead` if more than 1,024
   *   steps before it are missing; `invalid-link` for what is not a wrap; `invalid-argument`
   */
  unwrap(wrap: Uint8Array, context: Uint8Array): LinkedKey {
    if (!(#state in this)) throw new HubError('invalid-argument', 'not a LinkRecipient of this library');
    const { link, step } = decodeLinkWrap(wrap);
    requireContext(context);
    if (link !== this.id) throw new HubError('other-link', 'this wrap belongs to another link: use that one');
    const { state, key } = unwrapStep(backend, this.#state, { step, wrap, context });
    return { link: new LinkRecipient(state), key };
  }

  /**
   * Erases the keys of skipped steps before `step`: their wraps never open again, and no copy of the returned end opens them. Call it
   * when you expect no earlier wrap any more, and store the end. Otherwise those who deliver wraps decide how long such keys stay.
   *
   * @param step at most `this.step`; everything before is forgotten
   * @throws HubError `invalid-argument`
   */
  forgetBefore(step: number): LinkRecipient {
    if (!(#state in this)) throw new HubError('invalid-argument', 'not a LinkRecipient of this library');
    const { next, skipped } = this.#state;
    if (!Number.isInteger(step) || step < firstStep || step > next) {
      throw new HubError('invalid-argument', `forget steps from ${firstStep} to ${next}, which is the next one`);
    }
    return new LinkRecipient({ ...this.#state, skipped: withoutStepsBefore(skipped, step) });
  }

  /** Returns the state for `JSON.stringify`. It is secret, because it holds the keys of all wraps that were not opened yet. */
  toJSON(): object {
    const { id, next, chainKey, skipped } = this.#state;
    return versioned('link-recipient', {
      id: toBase64url(id),
      next,
      chainKey: toBase64url(chainKey),
      skipped: toBase64url(skipped),
    });
  }
}

/** Returns how many bytes a text of base64url stands for, at most as many as the longest list has. */
function sizeOfBase64url(text: unknown): number {
  return typeof text === 'string' ? Math.min(Math.floor((text.length * 6) / 8), maxSkippedBytes) : 0;
}
