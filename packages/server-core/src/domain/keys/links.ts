/** Links between users: takes openings, hands them out until they are confirmed, and bounds what one user may send. */
import {
  type Fingerprint,
  type Identity,
  type LinkName,
  ProtocolError,
  limits as protocolLimits,
  type RequestOf,
  type ResultOf,
  toHex,
  type UserName,
} from '@chat/protocol';
import type { ServerLimits } from '../../limits/limits.ts';
import type { LinkKey, LinkStore, RecipientRange } from '../../ports/link-store.ts';
import type { Room } from '../../ports/room-store.ts';
import { liveSize, seconds, TokenBuckets } from '../../throttle/token-bucket.ts';

/** Options of `Links`. `clock` returns milliseconds. */
export interface LinksOptions {
  readonly store: Pick<LinkStore, 'putLinks' | 'linksTo' | 'linksFrom' | 'confirmLinks' | 'loseLinks'>;
  readonly clock: () => number;
  readonly limits: Pick<ServerLimits, 'linksPerDay' | 'linkBurst' | 'waitingLinks'>;
  /** Returns, in hex, the ids of the prekeys of these users to which a link may be made. */
  readonly acceptedIds: (users: readonly UserName[]) => Promise<ReadonlyMap<UserName, ReadonlySet<string>>>;
  /** Called when an opening waits for a user who has fetched all since the last call. */
  readonly notify: (user: UserName) => void;
}

/** The links of one sender, by recipient and id in hex; true while the opening of one waits. */
export type LiveLinks = ReadonlyMap<string, boolean>;

/** The links of a server. */
export class Links {
  readonly #options: LinksOptions;
  readonly #buckets: TokenBuckets;
  /** Users who know that openings wait. */
  readonly #notified = new Set<UserName>();

  constructor(options: LinksOptions) {
    this.#options = options;
    const { limits } = options;
    this.#buckets = new TokenBuckets(
      liveSize(
        seconds.day,
        () => limits.linksPerDay,
        () => limits.linkBurst,
      ),
    );
  }

  /**
   * Stores openings from a member of the room.
   *
   * @returns the places of those that are refused: their prekey is replaced, or too many from the caller to this user wait
   * @throws ProtocolError `unknown-member`, `limit-reached`, `malformed-request`
   */
  async put(caller: Identity, room: Room, links: RequestOf<'put-links'>['links']): Promise<number[]> {
    const { store, clock, limits, acceptedIds, notify } = this.#options;
    const users = new Map([...room.members, ...room.invited].map(({ fingerprint, user }) => [fingerprint, user]));
    const addressed = links.map((link) => ({ link, user: users.get(link.to) ?? null }));
    const recipients = new Set<UserName>();
    for (const { link, user } of addressed) {
      if (user === null || link.to === caller.fingerprint) throw unknownMember(link.to);
      recipients.add(user);
    }
    const ids = await acceptedIds([...recipients]);
    const isStale = ({ link, user }: (typeof addressed)[number]) =>
      user && ids.get(user)?.has(toHex(link.prekey)) !== true;
    const present = addressed.flatMap((each, index) => (isStale(each) ? [] : [{ ...each, index }]));
    this.#count(caller.user, links.length);
    const full = await store.putLinks(
      present.map(({ link }) => ({ ...link, from: caller.fingerprint })),
      { now: clock(), waiting: limits.waitingLinks },
    );
    if (full === null) {
      throw new ProtocolError(
        'malformed-request',
        'links: another opening has the id of one of them; make a new link.',
      );
    }
    const stored = present.filter((_, place) => !full.includes(place));
    for (const { user } of stored) {
      if (user === null || this.#notified.has(user)) continue;
      this.#notified.add(user);
      notify(user);
    }
    const taken = new Set(stored.map(({ index }) => index));
    return links.flatMap((_, index) => (taken.has(index) ? [] : [index]));
  }

  /** Returns the links over which this user may wrap keys for these recipients, by recipient and id; true while the opening of one waits. */
  async live(sender: Fingerprint, recipients: RecipientRange): Promise<LiveLinks> {
    const found = await this.#options.store.linksFrom(sender, recipients);
    return new Map(found.map(({ to, id, isWaiting }) => [`${to} ${toHex(id)}`, isWaiting]));
  }

  /** Returns openings that wait for this user. */
  async waiting({ user, fingerprint }: Identity): Promise<ResultOf<'get-links'>> {
    // Before the look-up: what arrives during it may be missing in the answer.
    this.#notified.delete(user);
    const found = await this.#options.store.linksTo(fingerprint, protocolLimits.linksPerRequest + 1);
    const links = found.slice(0, protocolLimits.linksPerRequest);
    return {
      links: links.map(({ from, id, prekey, opening }) => ({ from, id, prekey, opening })),
      more: found.length > links.length,
    };
  }

  /** Erases openings that this user's client has stored, and marks links that it cannot use. */
  async confirm({ fingerprint }: Identity, { taken, lost }: RequestOf<'confirm-links'>): Promise<void> {
    const { store } = this.#options;
    const keyOf = ({ from, id }: LinkName): LinkKey => ({ from, to: fingerprint, id });
    if (taken.length > 0) await store.confirmLinks(taken.map(keyOf));
    if (lost.length > 0) await store.loseLinks(lost.map(keyOf));
  }

  #count(user: UserName, count: number): void {
    const { clock, limits } = this.#options;
    const bucket = this.#buckets.of(user, clock());
    if (bucket.take(0, clock()) < count) {
      throw new ProtocolError(
        'limit-reached',
        `You can open ${limits.linksPerDay} links a day: another member makes the next key, or try again later.`,
      );
    }
    bucket.take(count, clock());
  }
}

const unknownMember = (to: Fingerprint) =>
  new ProtocolError(
    'unknown-member',
    `links: the key ${to.slice(0, 16)} is not that of another member or an invited user: read the log up to its head.`,
  );

/** Bytes of a wrap that name its link. */
const linkIdBytes = 8;

/** Returns whether the opening of the link that a wrap names still waits for its recipient; null when there is no such link. */
export const isUnread = (links: LiveLinks, to: Fingerprint, wrap: Uint8Array): boolean | null =>
  links.get(`${to} ${toHex(wrap.subarray(0, linkIdBytes))}`) ?? null;
