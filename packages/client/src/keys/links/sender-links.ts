/**
 * The sender's ends of links: one to each recipient, shared by all rooms of the two. Their state leads to all later keys that this
 * client makes, so a link is used for `limits.linkAge` by this client's own clock, whatever the recipient, its prekey or the server do.
 */
import { type Fingerprint, limits } from '@chat/protocol';
import { type LinkedWrap, linkContext, type SenderLink } from '@chat/room';
import type { ClientContext, NewOpening, OutgoingLinks } from '../../context.ts';
import type { StoredSenderLink } from '../../storage/stored-links.ts';

/** Links to one recipient that a word of the server replaces in an hour. Each costs this client a key encapsulation. */
const lostPerHour = 4;
const hourMs = 60 * 60_000;

interface Held {
  /** Null until the link is first used: a member of large rooms has thousands, and needs them only when it makes a key. */
  link: SenderLink | null;
  /** What is stored of it: made with each step, because a large room's links are stored together, in one turn of the event loop. */
  stored: object;
  readonly openedAt: number;
}

type Owner = Pick<ClientContext, 'crypto' | 'scheduler' | 'authority'> & {
  readonly signer: Pick<ClientContext['signer'], 'fingerprint'>;
};

/** The sender's ends of the links of one client. */
export class SenderLinks implements OutgoingLinks {
  readonly #owner: Owner;
  readonly #links: Map<Fingerprint, Held>;
  /** When links to a recipient were replaced because the server does not know them. */
  readonly #lost = new Map<Fingerprint, readonly number[]>();
  /** What is stored. Each change of a link MUST set it to null, or an earlier step would be stored. */
  #stored: Readonly<Record<Fingerprint, StoredSenderLink>> | null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(owner: Owner, stored: Readonly<Record<Fingerprint, StoredSenderLink>>) {
    this.#owner = owner;
    this.#stored = stored;
    this.#links = new Map(
      Object.entries(stored).map(([to, { link, openedAt }]) => [to, { link: null, stored: link, openedAt }]),
    );
  }

  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  isUsable(to: Fingerprint): boolean {
    return this.#usable(to) !== null;
  }

  open(to: Fingerprint, prekey: Uint8Array): NewOpening | null {
    if (this.#recentlyLost(to).length > lostPerHour) return null;
    const { crypto, scheduler, authority, signer } = this.#owner;
    const context = linkContext(authority.serverId, signer.fingerprint, to);
    const opened = crypto.openLink({ recipient: prekey, context });
    if (opened === null) return null;
    const { link, opening } = opened;
    this.#stored = null;
    this.#links.set(to, { link, stored: link.toJSON(), openedAt: scheduler.now() });
    return { to, id: link.id, opening };
  }

  wrap(to: Fingerprint, wrap: (link: SenderLink) => LinkedWrap | null): Uint8Array | null {
    const held = this.#usable(to);
    const wrapped = held === null ? null : wrap(held.link);
    if (held === null || wrapped === null) return null;
    this.#stored = null;
    held.link = wrapped.link;
    held.stored = wrapped.link.toJSON();
    return wrapped.wrap;
  }

  forget(to: Fingerprint, id: string): void {
    if (this.#links.get(to)?.link?.id === id) this.#erase(to);
  }

  lose(to: Fingerprint, id: string): boolean {
    const held = this.#links.get(to);
    // Another room has replaced the link meanwhile.
    if (held !== undefined && held.link?.id !== id) return true;
    this.#erase(to);
    const recent = this.#recentlyLost(to);
    this.#lost.set(to, [...recent, this.#owner.scheduler.now()].slice(-lostPerHour - 1));
    return recent.length < lostPerHour;
  }

  /**
   * Erases the links that are too old, and those to all users for whom `isShared` returns false: those who share no room with this user
   * any more.
   */
  keepOnly(isShared: (to: Fingerprint) => boolean): void {
    for (const [to, held] of this.#links) if (this.#isOld(held) || !isShared(to)) this.#erase(to);
  }

  /** Erases all links. To be called when another copy of this profile may have used their steps. */
  clear(): void {
    this.#stored = null;
    this.#links.clear();
  }

  /** Returns what is stored: the same object until a link changes, because there are thousands. */
  toJSON(): Readonly<Record<Fingerprint, StoredSenderLink>> {
    this.#stored ??= Object.fromEntries(
      [...this.#links].map(([to, { stored: link, openedAt }]) => [to, { link, openedAt }]),
    );
    return this.#stored;
  }

  #erase(to: Fingerprint): void {
    this.#stored = null;
    this.#links.delete(to);
  }

  #recentlyLost(to: Fingerprint): readonly number[] {
    const now = this.#owner.scheduler.now();
    return (this.#lost.get(to) ?? []).filter((at) => Math.abs(now - at) < hourMs);
  }

  /** A clock that was set back makes a link too old, too. */
  #isOld({ openedAt }: Held): boolean {
    const age = this.#owner.scheduler.now() - openedAt;
    return age < 0 || age >= limits.linkAge;
  }

  /** Returns the link to a recipient unless it is missing, too old or used up. */
  #usable(to: Fingerprint): (Held & { link: SenderLink }) | null {
    const held = this.#links.get(to);
    if (held === undefined) return null;
    if (this.#isOld(held)) return null;
    held.link ??= this.#read(held.stored);
    if (held.link === null) {
      this.#erase(to);
      return null;
    }
    return held.link.step <= limits.linkSteps ? (held as Held & { link: SenderLink }) : null;
  }

  /** A link that cannot be read counts as missing: the recipient gets another one. */
  #read(stored: object): SenderLink | null {
    try {
      return this.#owner.crypto.readSenderLink(JSON.stringify(stored));
    } catch {
      return null;
    }
  }
}
