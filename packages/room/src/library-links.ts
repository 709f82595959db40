/** The two ends of a link, with those of `@chat/ecdh-hub`. */
import { HubError, type KeyPair, LinkRecipient, LinkSender, type NewLink, type RandomBytes } from '@chat/ecdh-hub';
import type { OpenedLink, RecipientLink, RoomCrypto, SenderLink, UnwrapFailure } from './crypto.ts';
import { orNull } from './or-null.ts';

const isInvalidPrekey = (error: unknown) => error instanceof HubError && error.code === 'invalid-public-key';
const isInvalidOpening = (error: unknown) =>
  isInvalidPrekey(error) || (error instanceof HubError && ['unwrap-failed', 'invalid-link'].includes(error.code));

const failures: Readonly<Partial<Record<HubError['code'], UnwrapFailure>>> = {
  'link-step-used': 'used',
  'link-step-ahead': 'ahead',
  'unwrap-failed': 'failed',
  'other-link': 'failed',
  'invalid-link': 'failed',
};

function senderLink(end: LinkSender): SenderLink {
  return {
    id: end.id,
    step: end.step,
    wrap(key, context) {
      const { link, wrap } = end.wrap(key, context);
      return { link: senderLink(link), wrap };
    },
    toJSON: () => end.toJSON(),
  };
}

function recipientLink(end: LinkRecipient): RecipientLink {
  return {
    id: end.id,
    step: end.step,
    get hasSkipped() {
      return (end.toJSON() as { readonly skipped: string }).skipped !== '';
    },
    unwrap(wrap, context) {
      try {
        const { link, key } = end.unwrap(wrap, context);
        return { link: recipientLink(link), key };
      } catch (error) {
        const failure = error instanceof HubError ? failures[error.code] : undefined;
        if (failure === undefined) throw error;
        return failure;
      }
    },
    forgetBefore: (step) => recipientLink(end.forgetBefore(step)),
    toJSON: () => end.toJSON(),
  };
}

/** Opens a link; see `RoomCrypto.openLink`. */
export function openLink(options: NewLink, random?: RandomBytes): OpenedLink | null {
  return orNull(isInvalidPrekey, () => {
    const { link, opening } = LinkSender.open(options, random);
    return { link: senderLink(link), opening };
  });
}

/** Accepts a link; see `RoomCrypto.acceptLink`. */
export const acceptLink = (keys: KeyPair, opening: Uint8Array, context: Uint8Array): RecipientLink | null =>
  orNull(isInvalidOpening, () => recipientLink(LinkRecipient.accept(keys, opening, context)));

/** Reads a sender's end; see `RoomCrypto.readSenderLink`. */
export const readSenderLink: RoomCrypto['readSenderLink'] = (text) => senderLink(LinkSender.parse(text));

/** Reads a recipient's end; see `RoomCrypto.readRecipientLink`. */
export const readRecipientLink: RoomCrypto['readRecipientLink'] = (text) => recipientLink(LinkRecipient.parse(text));
