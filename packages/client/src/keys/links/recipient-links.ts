/**
 * The recipient's ends of links. A step opens its wrap once: the key of the step is erased when the secret that the wrap carries is
 * part of the room's state, so that one save stores the secret and erases what led to it.
 */
import {
  type Fingerprint,
  fromBase64url,
  fromHex,
  type LinkName,
  type RoomId,
  toBase64url,
  toHex,
} from '@chat/protocol';
import { linkContext, linkOf, type RecipientLink, wrapContext } from '@chat/room';
import type { ClientContext, FoundWrap, IncomingLinks, OwnPrekeys, Unwrapped } from '../../context.ts';
import type { StoredRecipientLink } from '../../storage/stored-links.ts';
import { keptMs, longerKeptMs, type NeededLinks } from './link-life.ts';

/**
 * Links that one sender may have here. An honest one opens 16 a day at most, and one for each that was lost, and the server keeps
 * openings for a month. Fewer if the sender shares no room with this user, because anyone can invite.
 */
const linksPerSender = { shared: 512, stranger: 64 };
/** Links and names of erased links that are kept: more than 5,000 senders make in four hours. */
export const maxLinks = 16_384;
/** Those of users who share no room with this one: they leave a place for the links of others. */
const maxStrangerLinks = maxLinks / 2;

interface Held {
  readonly from: Fingerprint;
  readonly id: string;
  /** The own prekey to which the link was opened. */
  readonly prekey: string;
  /** Null once it is erased. The name is kept as long as the prekey is, because the opening would lead back to the first step. */
  link: RecipientLink | null;
  seenAt: number;
  /** When this client, connected, first found that the link had served its time, by this machine's clock. */
  oldSince?: number | undefined;
}

type Owner = Pick<ClientContext, 'crypto' | 'scheduler' | 'authority'> & {
  readonly prekeys: OwnPrekeys;
  readonly signer: Pick<ClientContext['signer'], 'fingerprint'>;
  /** Returns whether the user shares a room with this one. */
  readonly isShared: (from: Fingerprint) => boolean;
};

/** What learns which wraps have led to secrets. `WrapConfirmations` implements it. */
export interface TakenWraps {
  /** Called when the state of a room has the secret of an epoch that came with a wrap. */
  taken(roomId: RoomId, epochNumber: number): void;
  /** Called when the user enters a room anew. */
  forget(roomId: RoomId): void;
}

/** An opening that the server has handed out. */
export interface ReceivedOpening extends LinkName {
  /** The id of the prekey to which the link was opened. */
  readonly prekey: Uint8Array;
  readonly opening: Uint8Array;
}

// The sender is part of the key: an id has 8 bytes, so another sender can choose the same one.
const keyOf = (from: Fingerprint, id: string): string => `${from} ${id}`;
const placeOf = (roomId: RoomId, epochNumber: number): string => `${roomId} ${epochNumber}`;

/** The recipient's ends of the links of one client. */
export class RecipientLinks implements IncomingLinks {
  readonly #owner: Owner;
  readonly #links = new Map<string, Held>();
  /** The wraps that were opened for an epoch whose secret is not part of the room's state yet. */
  readonly #opened = new Map<string, FoundWrap>();
  /** What is stored. Each change of a link MUST set it to null, or an earlier step would be stored. */
  #stored: readonly StoredRecipientLink[] | null = null;
  readonly #confirmations: TakenWraps;
  /** By sender: the links that are not erased. */
  readonly #counts = new Map<Fingerprint, number>();
  /** The step of each link at the last call of `forgetSkipped`. */
  #settledSteps: ReadonlyMap<string, number> = new Map();

  constructor(owner: Owner, stored: readonly StoredRecipientLink[], confirmations: TakenWraps) {
    this.#owner = owner;
    this.#confirmations = confirmations;
    for (const { link: text, ...held } of stored) {
      const link = text === null ? null : this.#read(text);
      this.#links.set(keyOf(held.from, held.id), { ...held, link });
      if (link !== null) this.#count(held.from, 1);
    }
  }

  /**
   * Takes the opening of a link. A link that this client has or had is never accepted again, because that would set it back to its
   * first step.
   *
   * @returns false if this client cannot use the link: it is erased, or its prekey is, the opening is not for this pair of users, or
   *   there are too many links
   */
  accept({ from, id, prekey: prekeyId, opening }: ReceivedOpening): boolean {
    const { crypto, scheduler, authority, prekeys, signer } = this.#owner;
    const name = toBase64url(id);
    const held = this.#links.get(keyOf(from, name));
    if (held !== undefined) return held.link !== null;
    const prekey = prekeys.find(prekeyId);
    if (prekey === null || !this.#hasPlace(from)) return false;
    const link = crypto.acceptLink(prekey, opening, linkContext(authority.serverId, from, signer.fingerprint));
    if (link === null || link.id !== name) return false;
    const seenAt = scheduler.now();
    this.#stored = null;
    this.#links.set(keyOf(from, name), { from, id: name, prekey: toHex(prekeyId), link, seenAt });
    this.#count(from, 1);
    return true;
  }

  unwrap(found: FoundWrap): Unwrapped {
    const { roomId, epochNumber, from, wrap } = found;
    const held = this.#links.get(keyOf(from, linkOf(wrap)));
    if (held === undefined || held.link === null) return 'unknown';
    const unwrapped = held.link.unwrap(wrap, wrapContext({ roomId, epochNumber }));
    if (typeof unwrapped === 'string') return unwrapped === 'failed' ? 'wrong' : 'used';
    this.#opened.set(placeOf(roomId, epochNumber), found);
    return { key: unwrapped.key };
  }

  took(roomId: RoomId, secrets: Readonly<Record<number, string>>): void {
    for (const [place, found] of this.#opened) {
      if (found.roomId !== roomId || secrets[found.epochNumber] === undefined) continue;
      this.#opened.delete(place);
      this.#consume(found);
      this.#confirmations.taken(roomId, found.epochNumber);
    }
  }

  entered(roomId: RoomId): void {
    for (const [place, found] of this.#opened) if (found.roomId === roomId) this.#opened.delete(place);
    this.#confirmations.forget(roomId);
  }

  drop({ from, wrap }: FoundWrap): LinkName {
    const id = linkOf(wrap);
    const held = this.#links.get(keyOf(from, id));
    if (held !== undefined) this.#erase(held);
    return { from, id: fromBase64url(id) };
  }

  /** To be called when the connection is lost: what was opened and not taken is fetched again. */
  disconnected(): void {
    this.#opened.clear();
  }

  /** True if a link has been kept for as long as links are kept that nothing needs, or holds keys of skipped steps. */
  get hasLeftovers(): boolean {
    return [...this.#links.values()].some(
      (held) => held.link !== null && (this.#oldForMs(held) >= 0 || held.link.hasSkipped),
    );
  }

  /**
   * Erases the links that have served their time, with the keys of the steps that they skipped.
   *
   * @param askedAt when the client asked for what is needed, in ms since 1970: a machine may have slept since, and not know of wraps
   *   that came meanwhile. Default: now
   */
  eraseOld(needed: NeededLinks, askedAt = this.#owner.scheduler.now()): void {
    for (const held of this.#links.values()) {
      const isNeeded = needed === 'all' || (needed === 'strangers' && !this.#owner.isShared(held.from));
      if (held.link === null || this.#oldForMs(held, askedAt) >= (isNeeded ? longerKeptMs : 0)) this.#erase(held);
    }
  }

  /**
   * Erases the keys of the steps that were skipped at the last call and still are: no epoch names their wraps. To be called when all
   * rooms are read and no invitation waits, some minutes after the last time, because the wrap of a later step may come first.
   */
  forgetSkipped(): void {
    const steps = new Map<string, number>();
    for (const [key, held] of this.#links) {
      if (held.link === null) continue;
      steps.set(key, held.link.step);
      const before = this.#settledSteps.get(key);
      if (before === undefined || !held.link.hasSkipped) continue;
      this.#stored = null;
      held.link = held.link.forgetBefore(before);
    }
    this.#settledSteps = steps;
  }

  /** Returns what is stored: the same list until a link changes, because there are thousands. */
  toJSON(): readonly StoredRecipientLink[] {
    this.#stored ??= [...this.#links.values()].map(({ link, ...held }) => ({ ...held, link: link?.toJSON() ?? null }));
    return this.#stored;
  }

  #consume({ roomId, epochNumber, from, wrap }: FoundWrap): void {
    const held = this.#links.get(keyOf(from, linkOf(wrap)));
    const unwrapped = held?.link?.unwrap(wrap, wrapContext({ roomId, epochNumber }));
    if (held === undefined || unwrapped === undefined || typeof unwrapped === 'string') return;
    unwrapped.key.fill(0);
    this.#stored = null;
    held.link = unwrapped.link;
  }

  /** Returns for how long a link had been old at a time, by default now; a negative number if it was not old yet. */
  #oldForMs(held: Held, at = this.#owner.scheduler.now()): number {
    const now = this.#owner.scheduler.now();
    // If the clock was ahead and has been set back, the link would stay for that much longer.
    if (held.seenAt > now) {
      this.#stored = null;
      held.seenAt = now;
    }
    if (at - held.seenAt < keptMs) return -1;
    if (held.oldSince === undefined || held.oldSince > now) {
      this.#stored = null;
      held.oldSince = now;
    }
    return Math.max(0, at - held.oldSince);
  }

  /** Erases a link, and its name when its opening cannot be accepted any more. */
  #erase(held: Held): void {
    this.#stored = null;
    if (held.link !== null) this.#count(held.from, -1);
    held.link = null;
    if (this.#owner.prekeys.find(fromHex(held.prekey)) === null) this.#links.delete(keyOf(held.from, held.id));
  }

  /** No server and no sender may fill the memory, or push out the links of others. */
  #hasPlace(from: Fingerprint): boolean {
    const own = this.#counts.get(from) ?? 0;
    if (this.#owner.isShared(from)) return this.#links.size < maxLinks && own < linksPerSender.shared;
    return this.#links.size < maxStrangerLinks && own < linksPerSender.stranger;
  }

  #count(from: Fingerprint, change: 1 | -1): void {
    const count = (this.#counts.get(from) ?? 0) + change;
    if (count > 0) this.#counts.set(from, count);
    else this.#counts.delete(from);
  }

  /** A link that cannot be read counts as lost: its sender opens another one when this client has said so. */
  #read(text: object): RecipientLink | null {
    try {
      return this.#owner.crypto.readRecipientLink(JSON.stringify(text));
    } catch {
      return null;
    }
  }
}
