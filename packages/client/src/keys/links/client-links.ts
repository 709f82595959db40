/** The links of one client: both ends, the mail with openings, and the confirmations of wraps. */
import type { Fingerprint } from '@chat/protocol';
import type { ClientContext, OwnPrekeys } from '../../context.ts';
import { noLinks, type StoredLinks } from '../../storage/stored-links.ts';
import { LinkMail } from './link-mail.ts';
import { RecipientLinks } from './recipient-links.ts';
import { SenderLinks } from './sender-links.ts';
import { WrapConfirmations } from './wrap-confirmations.ts';

/** So often the client looks for links that have served their time. */
const reviewMs = 60 * 60_000;
/** The first time after a login: most rooms are read by then. */
const firstReviewMs = 60_000;

type Owner = Omit<ClientContext, 'directory' | 'outgoing' | 'incoming' | 'mail'>;

/** The parts of a client on which its links depend. */
export interface LinkOwner {
  readonly owner: Owner;
  readonly prekeys: OwnPrekeys;
  /** Returns whether wraps over old links may still be on their way: an invitation waits, or rooms are not read to the end. */
  readonly areNeeded: () => Promise<boolean>;
  /** Returns whether the user shares a room with this one. */
  readonly isShared: (to: Fingerprint) => boolean;
}

/** The links of one client. */
export class ClientLinks {
  readonly outgoing: SenderLinks;
  readonly incoming: RecipientLinks;
  readonly mail: LinkMail;
  readonly #confirmations: WrapConfirmations;
  readonly #owner: Owner;
  readonly #needs: Pick<LinkOwner, 'areNeeded' | 'isShared'>;
  #cancelReview: () => void = () => undefined;

  /** @param stored undefined for a state from before there were links */
  constructor({ owner, prekeys, ...needs }: LinkOwner, stored: StoredLinks = noLinks) {
    this.#owner = owner;
    this.#needs = needs;
    this.outgoing = new SenderLinks(owner, stored.senders);
    this.#confirmations = new WrapConfirmations(owner, stored.unconfirmed);
    this.incoming = new RecipientLinks({ ...owner, prekeys }, stored.recipients, (roomId, epochNumber) =>
      this.#confirmations.taken(roomId, epochNumber),
    );
    this.mail = new LinkMail(owner, (opening) => this.incoming.accept(opening));
  }

  /** To be called after each login, before the rooms. */
  connected(): void {
    // On connections that end soon, this is the only place that is reached.
    this.incoming.eraseOld(true);
    this.mail.connected();
    this.#confirmations.connected();
    this.#planReview(firstReviewMs);
  }

  /** To be called when the connection is lost, and when the client closes. */
  disconnected(): void {
    this.mail.disconnected();
    this.#confirmations.disconnected();
    this.incoming.disconnected();
    this.#cancelReview();
  }

  /** Returns what is stored. */
  toJSON(): StoredLinks {
    return {
      senders: this.outgoing.toJSON(),
      recipients: this.incoming.toJSON(),
      unconfirmed: this.#confirmations.toJSON(),
    };
  }

  #planReview(delayMs: number): void {
    this.#cancelReview();
    this.#cancelReview = this.#owner.scheduler.after(delayMs, () => {
      void this.#review();
      this.#planReview(reviewMs);
    });
  }

  /** Erases links that are old, and those to users who share no room with this user any more. */
  async #review(): Promise<void> {
    this.outgoing.keepOnly(this.#needs.isShared);
    // Nothing is asked of the server while no link is old.
    if (this.incoming.hasOld) {
      this.incoming.eraseOld(await this.#needs.areNeeded().catch(() => true));
    }
    this.#owner.saveSoon();
  }
}
