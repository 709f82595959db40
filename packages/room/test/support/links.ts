/** The links between the users of a test, without a server: openings lie where every recipient finds them. */
import {
  createRoomCrypto,
  type EpochSecret,
  linkContext,
  linkOf,
  type OwnPrekey,
  type RecipientLink,
  type SenderLink,
  type Signer,
  type UnwrapFailure,
  wrapContext,
} from '../../src/index.ts';

export const crypto = createRoomCrypto();
const serverId = '0'.repeat(64);

/** A user with the own ends of links. */
export interface LinkUser {
  readonly signer: Signer;
  readonly prekey: OwnPrekey;
  /** By fingerprint of the recipient. */
  sent: ReadonlyMap<string, SenderLink>;
  /** By id. */
  readonly received: Map<string, RecipientLink>;
}

interface Opening {
  readonly opening: Uint8Array;
  readonly context: Uint8Array;
}

/** All openings of a test, by link. */
export class Openings {
  readonly #openings = new Map<string, Opening>();

  /** Opens the links that a user lacks, and returns all of them. A user with an invalid prekey gets none. */
  from(sender: LinkUser, recipients: Iterable<LinkUser>): ReadonlyMap<string, SenderLink> {
    const links = new Map(sender.sent);
    for (const { signer, prekey } of recipients) {
      const to = signer.fingerprint;
      if (links.has(to) || to === sender.signer.fingerprint) continue;
      const context = linkContext(serverId, sender.signer.fingerprint, to);
      const opened = crypto.openLink({ recipient: prekey.publicKey, context });
      if (opened === null) continue;
      links.set(to, opened.link);
      this.#openings.set(opened.link.id, { opening: opened.opening, context });
    }
    sender.sent = links;
    return links;
  }

  /** Opens a wrap as the recipient's client does, which keeps the end after it. */
  unwrap(recipient: LinkUser, wrap: Uint8Array, place: Parameters<typeof wrapContext>[0]): Uint8Array | UnwrapFailure {
    const id = linkOf(wrap);
    const link = recipient.received.get(id) ?? this.accept(recipient.prekey, id);
    if (link === null) return 'failed';
    const unwrapped = link.unwrap(wrap, wrapContext(place));
    if (typeof unwrapped === 'string') return unwrapped;
    recipient.received.set(id, unwrapped.link);
    return unwrapped.key;
  }

  /** Returns the end of a link at its first step; null if the prekey does not accept it. */
  accept(prekey: OwnPrekey, id: string): RecipientLink | null {
    const found = this.#openings.get(id);
    return found === undefined ? null : crypto.acceptLink(prekey, found.opening, found.context);
  }

  /** Returns what an attacker opens who has a prekey, and has recorded this wrap and all openings. */
  secretFor(prekey: OwnPrekey, wrap: Uint8Array, place: Parameters<typeof wrapContext>[0]): EpochSecret | null {
    const unwrapped = this.accept(prekey, linkOf(wrap))?.unwrap(wrap, wrapContext(place));
    return unwrapped === undefined || typeof unwrapped === 'string'
      ? null
      : { epochNumber: place.epochNumber, secret: unwrapped.key };
  }
}
