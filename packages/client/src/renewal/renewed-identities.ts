/**
 * Renewals of identity keys, as far as they concern all rooms: pins follow a renewal that the pinned key has signed. The renewals come with the rooms' logs,
 * which have verified them, or from the server's directory, for users whom this client meets in a room only after the renewal.
 */
import {
  chainFrom,
  type Fingerprint,
  fingerprintOfKey,
  type KeyChain,
  keysOfChain,
  lastKeyOf,
  type UserName,
} from '@chat/protocol';
import { isValidChain } from '@chat/room';
import type { ClientContext, Identities } from '../context.ts';
import type { RenewedIdentity } from '../identity/pins.ts';

type Owner = Pick<ClientContext, 'crypto' | 'authority' | 'pins' | 'request' | 'saveSoon' | 'emit'>;

/** What `RenewedIdentities` calls. */
export interface RenewalHandlers {
  /** Called when a pin has followed a renewal. */
  readonly pinsChanged: () => void;
  /** Returns whether a room, or an invitation, lacks the user's own renewed key. */
  readonly isRenewingOwn: () => boolean;
}

/** Returns the part of a chain that leads to a key; a chain without renewals if none does. */
function chainUpTo({ first, renewals }: KeyChain, fingerprint: Fingerprint): KeyChain {
  const index = keysOfChain({ first, renewals }).findIndex((key) => fingerprintOfKey(key) === fingerprint);
  return { first, renewals: renewals.slice(0, Math.max(0, index)) };
}

/** Lets the pins of one client follow renewals, and finds when the user's own renewal is complete. */
export class RenewedIdentities implements Identities {
  readonly #owner: Owner;
  readonly #handlers: RenewalHandlers;

  constructor(owner: Owner, handlers: RenewalHandlers) {
    this.#owner = owner;
    this.#handlers = handlers;
  }

  ownRenewed(): void {
    if (!this.#handlers.isRenewingOwn()) this.#owner.emit({ kind: 'renewal-complete' });
  }

  renewed(renewed: RenewedIdentity): void {
    const { pins, emit, saveSoon } = this.#owner;
    const { user, fingerprint } = renewed;
    const known = pins.follow(renewed);
    if (known === null) return;
    emit({ kind: 'identity-renewed', user, known: known.fingerprint, seen: fingerprint, verified: known.verified });
    saveSoon();
    this.#handlers.pinsChanged();
  }

  async follow(user: UserName, seen: Fingerprint): Promise<void> {
    const chain = await this.#ask(user).catch(() => null);
    if (chain === null) return;
    const upTo = chainUpTo(chain, seen);
    const before = keysOfChain(upTo).slice(0, -1).map(fingerprintOfKey);
    const pinned = before.find((fingerprint) => this.#owner.pins.isPinned({ user, fingerprint }));
    const link = pinned === undefined ? null : chainFrom(upTo, pinned);
    if (link === null || !this.#isValid(link, user)) return;
    const fingerprint = fingerprintOfKey(lastKeyOf(link));
    this.renewed({ user, fingerprint, before: keysOfChain(link).slice(0, -1).map(fingerprintOfKey) });
  }

  async isEarlier(user: UserName, fingerprint: Fingerprint): Promise<boolean> {
    const chain = await this.#ask(user).catch(() => null);
    const link = chain === null ? null : chainFrom(chain, fingerprint);
    if (link === null || !this.#isValid(link, user)) return false;
    const after = keysOfChain(link).slice(1).map(fingerprintOfKey);
    return after.some((later) => this.#owner.pins.isPinned({ user, fingerprint: later }));
  }

  async leads(user: UserName, from: Fingerprint, to: Fingerprint): Promise<boolean> {
    const chain = await this.#ask(user);
    const link = chain === null ? null : chainFrom(chainUpTo(chain, to), from);
    return link !== null && this.#isValid(link, user);
  }

  #isValid(chain: KeyChain, user: UserName): boolean {
    const { crypto, authority } = this.#owner;
    return isValidChain(chain, { serverId: authority.serverId, user }, crypto);
  }

  async #ask(user: UserName): Promise<KeyChain | null> {
    const { first, renewals } = await this.#owner.request('get-key-renewals', { user });
    return first === null ? null : { first, renewals };
  }
}
