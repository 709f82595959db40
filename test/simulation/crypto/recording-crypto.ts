/** Records every secret that a client ever held: what an attacker has who copied its memory all the time. */
import { decodeMessageContent, fromBase64url, type MessageBody, textOfBody } from '@chat/protocol';
import type { RecipientLink, RoomCrypto, SenderLink } from '@chat/room';

const secretBytes = 32;
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** What a message says, as far as it is recorded. */
export interface RecordedContent {
  readonly kind: MessageBody['kind'];
  readonly text: string;
  readonly counter: number;
}

/** All derivations of one run. They do not depend on which client made them. */
export class Derivations {
  /** By label: from the derived secret to its source. */
  readonly byLabel = new Map<string, Map<string, string>>();
  /** The contents of messages, by token in Latin-1. */
  readonly contents = new Map<string, RecordedContent>();

  /** Returns the kind of a message; a text for one that no client of this run has made. */
  kindOf(token: Uint8Array): RecordedContent['kind'] {
    return this.contents.get(textOf(token))?.kind ?? 'text';
  }

  add(label: string, from: string, to: string): void {
    const known = this.byLabel.get(label);
    if (known === undefined) this.byLabel.set(label, new Map([[to, from]]));
    else known.set(to, from);
  }
}

/**
 * Wraps `crypto` so that it records every secret that goes in or comes out.
 *
 * @param held receives the secrets
 */
export function recording(crypto: RoomCrypto, held: Set<string>, derivations: Derivations): RoomCrypto {
  const hold = (bytes: Uint8Array): string => {
    const text = textOf(bytes);
    held.add(text);
    return text;
  };
  const holdEnd = (end: SenderLink | RecipientLink) => {
    const { chainKey } = end.toJSON() as { readonly chainKey: string };
    hold(fromBase64url(chainKey));
  };
  const sender = (end: SenderLink): SenderLink => {
    holdEnd(end);
    return {
      ...end,
      wrap(secret, context) {
        hold(secret);
        const { link, wrap } = end.wrap(secret, context);
        return { link: sender(link), wrap };
      },
    };
  };
  const recipient = (end: RecipientLink): RecipientLink => {
    holdEnd(end);
    return {
      ...end,
      unwrap(wrap, context) {
        const unwrapped = end.unwrap(wrap, context);
        if (typeof unwrapped === 'string') return unwrapped;
        hold(unwrapped.key);
        return { key: unwrapped.key, link: recipient(unwrapped.link) };
      },
      forgetBefore: (step) => recipient(end.forgetBefore(step)),
    };
  };
  return {
    ...crypto,
    derive(secret, label) {
      const derived = crypto.derive(secret, label);
      derivations.add(label, hold(secret), hold(derived));
      return derived;
    },
    encrypt(key, plaintext, at) {
      const token = crypto.encrypt(key, plaintext, at);
      hold(key);
      // A plaintext of this size is the secret of an earlier epoch, for later members.
      if (plaintext.length !== secretBytes) {
        const content = decodeMessageContent(plaintext);
        if (content === null) throw new Error('a content of another form');
        const { body, counter } = content;
        derivations.contents.set(textOf(token), { kind: body.kind, text: textOfBody(body), counter });
      }
      return token;
    },
    decrypt(key, token) {
      const plaintext = crypto.decrypt(key, token);
      if (plaintext === null) return null;
      hold(key);
      if (plaintext.length === secretBytes) hold(plaintext);
      return plaintext;
    },
    newPrekey() {
      const prekey = crypto.newPrekey();
      hold(prekey.seed);
      return prekey;
    },
    openLink(options) {
      const opened = crypto.openLink(options);
      return opened === null ? null : { ...opened, link: sender(opened.link) };
    },
    acceptLink(prekey, opening, context) {
      const link = crypto.acceptLink(prekey, opening, context);
      return link === null ? null : recipient(link);
    },
    readSenderLink: (text) => sender(crypto.readSenderLink(text)),
    readRecipientLink: (text) => recipient(crypto.readRecipientLink(text)),
  };
}
