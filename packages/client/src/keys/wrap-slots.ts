/**
 * Fills the slots of an epoch: a wrap over the link to each recipient. Missing links are opened first, to verified prekeys. Links and
 * steps are stored before the server gets anything of them, so that no crash lets one step of a link carry two secrets.
 */
import {
  type Fingerprint,
  fromBase64url,
  limits,
  type PublicIdentity,
  prekeyId,
  type RequestOf,
  type RoomId,
  toBase64url,
  wrapBytes,
} from '@chat/protocol';
import { type EpochDraft, linkOf, slotAt } from '@chat/room';
import type { ClientContext, RefusedPrekey } from '../context.ts';
import type { Turns } from '../scheduler.ts';

/** The opening of a link takes as long as twenty steps of a turn, and ten times that without OpenSSL's ML-KEM: then the time ends the turn. */
const stepsPerOpening = 20;

type Sender = Pick<ClientContext, 'directory' | 'outgoing' | 'request' | 'save' | 'signer'>;

/** Users of a room to whom links are to be opened. */
export interface LinkOptions {
  readonly roomId: RoomId;
  readonly recipients: readonly PublicIdentity[];
  readonly turns: Turns;
  /** Called with the prekeys that were refused, if any; no link is opened to their owners. */
  readonly reportRefused: (refused: readonly RefusedPrekey[]) => void;
}

/**
 * Opens links to those of these users to whom there is no usable one, stores them and sends their openings. A user whose prekey was
 * replaced meanwhile gets another one, once. Two rooms do this one after the other, so that neither uses a link that the server does
 * not know yet.
 *
 * @returns the users to whom links were opened
 * @throws as `ClientContext.request` does
 */
export function openLinks(sender: Sender, options: LinkOptions): Promise<ReadonlySet<Fingerprint>> {
  return sender.outgoing.inTurn(async () => {
    const opened = new Set<Fingerprint>();
    for (let attempt = 1, { recipients } = options; attempt <= 2 && recipients.length > 0; attempt++) {
      const openings = await makeOpenings(sender, { ...options, recipients });
      if (openings.length === 0) break;
      await sender.save();
      const refused = await putOpenings(sender, options.roomId, openings);
      for (const { to } of openings) if (!refused.has(to)) opened.add(to);
      recipients = recipients.filter(({ fingerprint }) => refused.has(fingerprint));
    }
    return opened;
  });
}

type Openings = RequestOf<'put-links'>['links'];

async function makeOpenings(
  { directory, outgoing }: Sender,
  { roomId, recipients, turns, reportRefused }: LinkOptions,
): Promise<Openings> {
  const warm = await usableLinks(outgoing, { users: recipients, turns });
  const cold = recipients.filter(({ fingerprint }) => !warm.has(fingerprint));
  if (cold.length === 0) return [];
  const { prekeys, refused } = await directory.find(roomId, cold);
  if (refused.length > 0) reportRefused(refused);
  const openings: Openings = [];
  for (const [to, prekey] of prekeys) {
    await turns.step(stepsPerOpening);
    const opened = outgoing.open(to, prekey);
    if (opened === null) continue;
    const { id, opening } = opened;
    openings.push({ to, id: fromBase64url(id), prekey: prekeyId(toBase64url(prekey)), opening });
  }
  return openings;
}

/** Returns the users to whom there is a usable link. After a start each link is read once, which takes longer than to use it. */
async function usableLinks(
  outgoing: Sender['outgoing'],
  { users, turns }: { readonly users: readonly PublicIdentity[]; readonly turns: Turns },
): Promise<ReadonlySet<Fingerprint>> {
  const usable = new Set<Fingerprint>();
  for (const { fingerprint } of users) {
    await turns.step();
    if (outgoing.isUsable(fingerprint)) usable.add(fingerprint);
  }
  return usable;
}

/** Erases the links that the server did not take, and those of which this client cannot know it. */
async function putOpenings(
  { outgoing, request }: Sender,
  roomId: RoomId,
  openings: Openings,
): Promise<ReadonlySet<Fingerprint>> {
  const refusedUsers = new Set<Fingerprint>();
  const forget = (forgotten: Openings) => {
    for (const { to, id } of forgotten) outgoing.forget(to, toBase64url(id));
  };
  for (let from = 0; from < openings.length; from += limits.linksPerRequest) {
    const links = openings.slice(from, from + limits.linksPerRequest);
    try {
      const { refused } = await request('put-links', { room: roomId, links });
      for (const place of refused) refusedUsers.add(links[place]?.to ?? '');
    } catch (error) {
      forget(openings.slice(from));
      throw error;
    }
  }
  forget(openings.filter(({ to }) => refusedUsers.has(to)));
  return refusedUsers;
}

/** The slots of one epoch, as they are filled and sent. */
export interface SlotsOptions {
  readonly roomId: RoomId;
  readonly draft: EpochDraft;
  readonly turns: Turns;
  /** Returns whether the room has changed since the draft was begun. */
  readonly hasMovedOn: () => boolean;
  readonly reportRefused: (refused: readonly RefusedPrekey[]) => void;
}

/**
 * Fills the slots of an epoch and sends them. A recipient whose link the server does not know gets another one, once.
 *
 * @returns the slots as the server has them; null if the room has changed
 * @throws as `ClientContext.request` does
 */
export async function fillSlots(sender: Sender, options: SlotsOptions): Promise<Uint8Array | null> {
  const { roomId, draft, turns, hasMovedOn, reportRefused } = options;
  const { recipients } = draft;
  const { outgoing, save, signer } = sender;
  const slots = new Uint8Array(wrapBytes * recipients.length);
  let pending = [...recipients.keys()].filter((place) => recipients[place]?.fingerprint !== signer.fingerprint);
  for (let attempt = 1; attempt <= 2 && (attempt === 1 || pending.length > 0); attempt++) {
    const users = pending.flatMap((place) => recipients[place] ?? []);
    const warm = await usableLinks(outgoing, { users, turns });
    const opened = await openLinks(sender, { roomId, recipients: users, turns, reportRefused });
    const linked = new Set([...warm, ...opened]);
    if (!(await wrapInto(slots, pending, { outgoing, draft, turns, hasMovedOn }))) return null;
    await save();
    if (hasMovedOn()) return null;
    const changed = attempt === 1 ? new Set(recipients.keys()) : new Set(pending);
    const unknown = await putWraps(sender, options, { slots, changed });
    if (hasMovedOn()) return null;
    pending = pending.filter((place) => {
      const wrap = slotAt(slots, place);
      // Another room has given the link up meanwhile, or it has become too old: the clock was set, or the machine was suspended.
      if (wrap === null) return linked.has(recipients[place]?.fingerprint ?? '');
      if (!unknown.has(place)) return false;
      const isReplaced = outgoing.lose(recipients[place]?.fingerprint ?? '', linkOf(wrap));
      wrap.fill(0);
      return isReplaced;
    });
  }
  return slots;
}

type Wrapping = Pick<SlotsOptions, 'draft' | 'turns' | 'hasMovedOn'> & Pick<Sender, 'outgoing'>;

/** Wraps the secret to the recipients at these places. Returns false if the room has changed meanwhile. */
async function wrapInto(
  slots: Uint8Array,
  places: readonly number[],
  { outgoing, draft, turns, hasMovedOn }: Wrapping,
): Promise<boolean> {
  for (const place of places) {
    await turns.step();
    if (hasMovedOn()) return false;
    const to = draft.recipients[place]?.fingerprint;
    const wrap = to === undefined ? null : outgoing.wrap(to, (link) => draft.wrap(link));
    if (wrap !== null) slots.set(wrap, wrapBytes * place);
  }
  return true;
}

/**
 * Sends the parts of the list in which a slot has changed.
 *
 * @returns the places of the wraps whose link the server does not know
 */
async function putWraps(
  { request }: Pick<Sender, 'request'>,
  { roomId, draft: { epochNumber, kind, recipients } }: SlotsOptions,
  { slots, changed }: { readonly slots: Uint8Array; readonly changed: ReadonlySet<number> },
): Promise<ReadonlySet<number>> {
  const unknown = new Set<number>();
  for (let first = 0; first < recipients.length; first += limits.wrapsPerRequest) {
    const end = Math.min(recipients.length, first + limits.wrapsPerRequest);
    if (![...changed].some((place) => place >= first && place < end)) continue;
    const wraps = slots.subarray(wrapBytes * first, wrapBytes * end);
    const answer = await request('put-wraps', { room: roomId, number: epochNumber, kind, first, wraps });
    for (const place of answer.unknown) unknown.add(place);
  }
  return unknown;
}
