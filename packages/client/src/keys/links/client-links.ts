/** The links of one client: both ends, the mail with openings, and the confirmations of wraps. */
import type { Fingerprint } from '@chat/protocol';
import type { ClientContext, OwnPrekeys } from '../../context.ts';
import { noLinks, type StoredLinks } from '../../storage/stored-links.ts';
import { UnreadRooms, type UnsettledRoom } from '../unsettled-rooms.ts';
import { waitingInvitations } from '../waiting-invitations.ts';
import type { NeededLinks } from './link-life.ts';
import { LinkMail } from './link-mail.ts';
import { RecipientLinks } from './recipient-links.ts';
import { SenderLinks } from './sender-links.ts';
import { WrapConfirmations } from './wrap-confirmations.ts';

/** So often the client looks for links that have served their time. */
const reviewMs = 10 * 60_000;
/** The first time after a login: most rooms are read by then. */
const firstReviewMs = 60_000;

type Owner = Omit<ClientContext, 'directory' | 'identities' | 'outgoing' | 'incoming' | 'mail'>;

/** The parts of a client on which its links depend. */
export interface LinkOwner {
  readonly owner: Owner;
  readonly prekeys: OwnPrekeys;
  /** Returns the rooms that were not read to their end, with their keys: wraps over old links may be on their way there. */
  readonly unsettled: () => readonly UnsettledRoom[];
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
  readonly #unread: UnreadRooms;
  readonly #needs: Pick<LinkOwner, 'unsettled' | 'isShared'>;
  #cancelReview: () => void = () => undefined;
  #connected = false;

  /** @param stored undefined for a state from before there were links */
  constructor({ owner, prekeys, ...needs }: LinkOwner, stored: StoredLinks = noLinks) {
    this.#owner = owner;
    this.#needs = needs;
    this.outgoing = new SenderLinks(owner, stored.senders);
    this.#confirmations = new WrapConfirmations(owner, stored.unconfirmed);
    this.#unread = new UnreadRooms(owner, needs.unsettled, stored.unread);
    const { isShared } = needs;
    this.incoming = new RecipientLinks({ ...owner, prekeys, isShared }, stored.recipients, this.#confirmations);
    this.mail = new LinkMail(
      owner,
      (opening) => this.incoming.accept(opening),
      (askedAt) => prekeys.openingsRead(askedAt),
    );
  }

  /** To be called after each login, before the rooms. */
  connected(): void {
    this.#connected = true;
    // On connections that end soon, this is the only place that is reached.
    this.incoming.eraseOld('all');
    this.#unread.connected();
    this.mail.connected();
    this.#confirmations.connected();
    this.#planReview(firstReviewMs);
  }

  /** To be called when the connection is lost, and when the client closes, before the rooms note it. */
  disconnected(): void {
    if (this.#connected) this.#unread.disconnected();
    this.#connected = false;
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
      unread: this.#unread.stored,
    };
  }

  #planReview(delayMs: number): void {
    this.#cancelReview();
    this.#cancelReview = this.#owner.scheduler.after(delayMs, () => {
      void this.#review();
      // The first review may come while rooms are being read that are many or long.
      if (delayMs === reviewMs) this.#unread.review();
      this.#planReview(reviewMs);
    });
  }

  /** Erases links that are old, and those to users who share no room with this user any more. */
  async #review(): Promise<void> {
    this.outgoing.keepOnly(this.#needs.isShared);
    // Nothing is asked of the server while there is nothing to erase.
    if (this.incoming.hasLeftovers) {
      const askedAt = this.#owner.scheduler.now();
      const needed = await this.#needed().catch(() => 'all' as const);
      this.incoming.eraseOld(needed, askedAt);
      if (needed === 'none') this.incoming.forgetSkipped();
    }
    this.#owner.saveSoon();
  }

  async #needed(): Promise<NeededLinks> {
    if (this.#needs.unsettled().length > 0) return 'all';
    const waiting = await waitingInvitations(this.#owner);
    // An invitation may have been accepted meanwhile.
    if (waiting === 'known' || this.#needs.unsettled().length > 0) return 'all';
    return waiting === 'stranger' ? 'strangers' : 'none';
  }
}
