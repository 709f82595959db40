/** The sender's end of a link: one encapsulation, and then one symmetric wrap for each key. */
import { backend } from '#backend';
import { fromBase64url, toBase64url } from '../encoding/base64url.ts';
import { requireBytes } from '../encoding/bytes.ts';
import { parseVersioned, refuseState, versioned } from '../encoding/versioned-json.ts';
import { HubError } from '../errors.ts';
import { requireNames } from '../input.ts';
import { requirePublicKeyForm } from '../keys/public-key.ts';
import { type RandomBytes, secureRandom } from '../random.ts';
import { requireSuite, type Suite } from '../suite.ts';
import { requireContext } from '../wrap/context.ts';
import { firstStep, lastStep, linkKeyBytes } from './chain.ts';
import { wrappedKeyBytes } from './link-wrap.ts';
import { linkIdBytes } from './root.ts';
import { openLink, type SenderState, wrapStep } from './sender-state.ts';

/** The options of `LinkSender.open`. */
export interface NewLink {
  /** The recipient's public key, in the form of `KeyPair.publicKey`. Verify first that it is the recipient's. */
  readonly recipient: Uint8Array;
  /** The suite of that key. `X-Wing` if omitted. */
  readonly suite?: Suite;
  /** What the link is for, such as the names of the two: at most 512 bytes, which the recipient must pass again. */
  readonly context: Uint8Array;
}

/** A new link. Store `link` before you send anything. */
export interface OpenedLink {
  /** The sender's end. */
  readonly link: LinkSender;
  /** Public bytes for the recipient: 1,138 with X-Wing. Send them with each wrap until the recipient has the link. */
  readonly opening: Uint8Array;
}

/** A wrapped key. Store `link` before you send `wrap`. */
export interface LinkedWrap {
  /** The sender's end after this step. Drop the one before. */
  readonly link: LinkSender;
  /** 60 bytes for the recipient, which may be public and need no signature. */
  readonly wrap: Uint8Array;
}

/** One recipient of `LinkSender.wrapForEach`. */
export interface LinkUse {
  /** The sender's end of the link to this recipient. */
  readonly link: LinkSender;
  /** What the key is for: at most 512 bytes, which the recipient must pass again. */
  readonly context: Uint8Array;
}

/** The sender's end of a link to one public key. Immutable: `wrap` returns the next end and does not change this one. */
export class LinkSender {
  readonly #state: SenderState;

  private constructor(state: SenderState) {
    this.#state = state;
  }

  /**
   * Opens a link to a public key, with one encapsulation.
   *
   * @param random draws what the suite's encapsulation needs. The platform's generator if omitted
   * @throws HubError `invalid-public-key`, `invalid-argument`
   */
  static open(options: NewLink, random: RandomBytes = secureRandom): OpenedLink {
    requireNames(options, ['recipient', 'suite', 'context']);
    const { recipient, suite: name = 'X-Wing', context } = options;
    const suite = requireSuite(name, 'invalid-argument');
    requirePublicKeyForm(recipient, suite);
    requireContext(context);
    const { state, opening } = openLink(backend, { suite, recipient, context, random });
    return { link: new LinkSender(state), opening };
  }

  /**
   * Reads a sender's end from the text that `JSON.stringify` made of it.
   *
   * @throws HubError `invalid-state`
   */
  static parse(text: string): LinkSender {
    const { id, step, chainKey } = parseVersioned(text, 'link-sender', ['id', 'step', 'chainKey']);
    if (!Number.isInteger(step) || (step as number) < firstStep || (step as number) > lastStep + 1) {
      refuseState('has a step that is not a whole number from 1 to 2^32');
    }
    return new LinkSender({
      id: fromBase64url(id, "a link's id", linkIdBytes),
      step: step as number,
      chainKey: fromBase64url(chainKey, 'a chain key', linkKeyBytes),
    });
  }

  /**
   * Wraps one key over many links, each when the iterator is asked for it, so that the caller can do other work in between. The
   * results have the order of `uses`. Their end, or leaving a loop over them, wipes the copy of the key.
   *
   * @param key 32 bytes
   * @throws HubError `invalid-key`, `invalid-argument`; the iterator like `wrap`
   */
  static wrapForEach(key: Uint8Array, uses: Iterable<LinkUse>): Generator<LinkedWrap, void> {
    requireKey(key);
    if (typeof uses?.[Symbol.iterator] !== 'function') {
      throw new HubError('invalid-argument', 'expected a list of { link, context }');
    }
    const copy = new Uint8Array(key);
    function* wraps(): Generator<LinkedWrap, void> {
      try {
        for (const use of uses) {
          requireNames(use, ['link', 'context']);
          yield LinkSender.#wrap(use.link, copy, use.context);
        }
      } finally {
        copy.fill(0);
      }
    }
    return wraps();
  }

  /** The id of the link: 11 letters of base64url. The recipient's end has the same. */
  get id(): string {
    return toBase64url(this.#state.id);
  }

  /** The number of the next step, from 1. */
  get step(): number {
    return this.#state.step;
  }

  /**
   * Wraps a key under the next step of the link.
   *
   * @param key 32 bytes
   * @param context what the key is for: at most 512 bytes, which the recipient must pass again
   * @throws HubError `invalid-key`, `invalid-argument`; `link-exhausted` after 2^32 - 1 steps
   */
  wrap(key: Uint8Array, context: Uint8Array): LinkedWrap {
    requireKey(key);
    return LinkSender.#wrap(this, key, context);
  }

  /** Returns the state for `JSON.stringify`. It is secret, because it holds the keys of all later steps. */
  toJSON(): object {
    const { id, step, chainKey } = this.#state;
    return versioned('link-sender', { id: toBase64url(id), step, chainKey: toBase64url(chainKey) });
  }

  static #wrap(link: LinkSender, key: Uint8Array, context: Uint8Array): LinkedWrap {
    if (typeof link !== 'object' || link === null || !(#state in link)) {
      throw new HubError('invalid-argument', 'not a LinkSender of this library');
    }
    requireContext(context);
    const { state, wrap } = wrapStep(backend, link.#state, { key, context });
    return { link: new LinkSender(state), wrap };
  }
}

function requireKey(key: Uint8Array): void {
  requireBytes(key, 'the key to hand over on a link', {
    minBytes: wrappedKeyBytes,
    maxBytes: wrappedKeyBytes,
    code: 'invalid-key',
  });
}
