/** The parts of a client, connected with each other. */
import { type Fingerprint, type RoomName, toBase64url, type UserName } from '@chat/protocol';
import type { RoomState } from '@chat/room';
import { ClientAttention } from './attention/client-attention.ts';
import type { ChatClientOptions } from './client-options.ts';
import { ProfileRuns } from './connection/profile-run.ts';
import { Uplink } from './connection/uplink.ts';
import { type ClientContext, newClientId } from './context.ts';
import { createMemoryArchive } from './entry-archive.ts';
import { accessRevoked, ClientError } from './errors.ts';
import type { ClientEvent } from './events.ts';
import { ClientFiles } from './files/client-files.ts';
import { ServerLoss } from './freshness/server-loss.ts';
import { Pins } from './identity/pins.ts';
import { WaitingEntries } from './intake-bounds.ts';
import { KeyPace } from './keys/key-pace.ts';
import { ClientLinks } from './keys/links/client-links.ts';
import { PrekeyDirectory } from './keys/prekey-directory.ts';
import { PrekeyRing } from './keys/prekey-ring.ts';
import { InvitationEnds } from './membership/invitation-ends.ts';
import { Invitations } from './membership/pending.ts';
import { ClientMessages } from './messages/client-messages.ts';
import { openMessages } from './messages/open-messages.ts';
import { PushRouter } from './push-router.ts';
import { ClientRecovery } from './recovery/client-recovery.ts';
import { RenewedIdentities } from './renewal/renewed-identities.ts';
import { RoomSet } from './room/room-set.ts';
import { StateSaver } from './storage/state-saver.ts';
import type { Stored } from './storage/stored-state.ts';

/** The parts of a client. */
export interface ClientParts {
  readonly context: ClientContext;
  readonly prekeys: PrekeyRing;
  readonly links: ClientLinks;
  readonly uplink: Uplink;
  /** True while a room that the server lets the user in, or an invitation, lacks the user's renewed identity key. */
  isRenewingOwn(): boolean;
  /** Ends the other copy of this profile at the next login. It may have used the next steps of the links. */
  replaceOthers(): void;
  readonly rooms: RoomSet;
  readonly messages: ClientMessages;
  readonly attention: ClientAttention;
  readonly files: ClientFiles;
  readonly invitations: Invitations;
  readonly recovery: ClientRecovery;
  readonly router: PushRouter;
  readonly saver: StateSaver;
  /** Stores everything, and stops what is under way. */
  close(): Promise<void>;
}

/** Returns whether a room has the user with one of these keys. */
function hasKey({ members, invited }: RoomState, user: UserName, keys: readonly Fingerprint[]): boolean {
  const key = (members.named(user) ?? invited.named(user))?.fingerprint;
  return key !== undefined && keys.includes(key);
}

/**
 * Creates the parts of a client from what is stored.
 *
 * @param report called with each event
 */
export function createParts(options: ChatClientOptions, report: (event: ClientEvent) => void): ClientParts {
  const { user, signer, crypto, scheduler, transport, authority, vault, archive, segments, invitation, stored } =
    options;
  const saveSoon = () => saver.saveSoon();
  let areDamaged = false;
  const store = openMessages({
    ...{ files: segments, stored: stored.messages, crypto, scheduler, saveSoon },
    emit: (event) => {
      areDamaged = true;
      report(event);
    },
  });
  const saver: StateSaver = new StateSaver({
    ...{ vault, messages: store, scheduler, emit: report },
    snapshot: () => {
      recovery.changed();
      return snapshot();
    },
  });
  const emit = (event: ClientEvent) => {
    // The saver reports these once for all parts that could not store or erase something.
    if (event.kind !== 'trouble' || (event.code !== 'not-stored' && event.code !== 'not-erased')) report(event);
  };
  const attention = new ClientAttention({
    settings: stored.attention,
    find: (roomName) => rooms.find(roomName),
    ...{ save: () => saver.save(), saveSoon, emit },
  });
  const serverLoss = new ServerLoss({ scheduler, saveSoon: () => saver.saveSoon() }, stored.serverLostAt);
  const base: Omit<ClientContext, 'directory' | 'identities' | 'outgoing' | 'incoming' | 'mail'> = {
    user,
    signer,
    crypto,
    scheduler,
    authority,
    pins: new Pins(stored.pins, (of, keys) =>
      [...rooms].flatMap((session) => (hasKey(session.state, of, keys) ? [session.roomId] : [])),
    ),
    attention,
    serverLoss,
    ownChain: stored.renewals ?? null,
    archive: archive ?? createMemoryArchive(),
    messages: store,
    waiting: new WaitingEntries(),
    keyPace: new KeyPace(),
    request: (operation, fields) => uplink.request(operation, fields),
    save: () => saver.save(),
    erased: () => saver.erased(),
    saveSoon,
    fileDeleted: (roomId, blob) => files.erase(roomId, blob),
    emit,
  };
  const prekeys = new PrekeyRing(base, stored, () => links.mail.fetch());
  const isRenewingOwn = () => invitations.renewInvitations === true || rooms.lackOwnKey;
  const identities = new RenewedIdentities(base, {
    pinsChanged: () => {
      for (const session of rooms) session.reviewIdentities();
    },
    isRenewingOwn,
  });
  const directory = new PrekeyDirectory({ ...base, identities }, stored.seenPrekeys);
  const isShared = (to: Fingerprint) =>
    [...rooms].some(
      ({ state, ownMembership }) => !ownMembership.hasLeft && (state.members.has(to) || state.invited.has(to)),
    );
  const unsettled = () => rooms.unsettled;
  const links: ClientLinks = new ClientLinks({ owner: base, prekeys, unsettled, isShared }, stored.links);
  const { outgoing, incoming, mail } = links;
  const context = { ...base, directory, identities, outgoing, incoming, mail };
  const rooms: RoomSet = new RoomSet(context, Object.values(stored.rooms));
  const invitations: Invitations = new Invitations(context, rooms, stored);
  const router = new PushRouter({
    emit,
    authority,
    prekeys,
    links,
    rooms,
    invitations,
    invitationEnds: new InvitationEnds(context, rooms),
    files: { connected: () => files.connected() },
    recovery: { connected: () => recovery.connected(), disconnected: () => recovery.disconnected() },
  });
  const runs = new ProfileRuns(newClientId(crypto), stored.runs ?? [], base.save);
  const random = () => (crypto.random(1)[0] ?? 0) / 255;
  const uplink: Uplink = new Uplink(
    {
      ...{ user, signer, transport, scheduler, random, handlers: router, runs, invitation },
      ownChain: base.ownChain,
      isRenewalUnfinished: options.begunRenewal === 'unfinished',
      recertified: base.saveSoon,
    },
    stored.certified,
  );
  const snapshot = (): Stored => ({
    v: 2,
    certified: uplink.certified,
    pins: base.pins.stored,
    renewals: stored.renewals,
    renewInvitations: invitations.renewInvitations,
    prekeys: prekeys.stored,
    earlierMadeAt: prekeys.earlierMadeAt,
    links: links.toJSON(),
    seenPrekeys: directory.stored,
    serverLostAt: serverLoss.stored,
    runs: runs.ids,
    knocked: invitations.toJSON(),
    rooms: Object.fromEntries([...rooms].map((session) => [session.roomId, session.stored])),
    attention: attention.settings,
    messages: store.stored,
    transfers: files.stored,
    recovery: recovery.stored,
  });
  const recovery: ClientRecovery = new ClientRecovery(
    {
      ...{ user, signer, scheduler, serverId: authority.serverId, support: options.backups ?? null },
      ...{ request: base.request, save: base.save, emit: report, snapshot: () => snapshot() },
    },
    stored.recovery,
  );
  const replaceOthers = () => {
    runs.replaceOthers();
    links.outgoing.clear();
  };
  const active = (roomName: RoomName) => {
    if (uplink.refusal?.code === 'access-revoked') throw accessRevoked();
    return rooms.requireActive(roomName);
  };
  const files = new ClientFiles({
    ...{ files: options.transferFiles ?? null, scheduler, stored: stored.transfers ?? [], emit, active },
    request: base.request,
    save: base.save,
    newBlob: () => ({ blob: newClientId(crypto), key: toBase64url(crypto.random(32)) }),
    isOnline: () => uplink.online,
    find: (roomId) => {
      const room = rooms.get(roomId);
      return room?.ownMembership.isActive === true ? room : null;
    },
    sent: (cid) => rooms.withMessage(cid)?.outbox.send('', { cid }) ?? null,
  });
  const messages = new ClientMessages({
    ...{ store, rooms: () => rooms, areDamaged: () => areDamaged },
    // Its outbox has it: what refuses a message does not count for one that was sent before.
    sent: (cid) => rooms.withMessage(cid)?.outbox ?? null,
    active,
    erased: () => saver.erased(),
  });
  const own = { isRenewingOwn, replaceOthers, prekeys, links, messages, attention, files, recovery };
  const close = async () => {
    await files.close();
    await saver.close(() => rooms.close(new ClientError('closed', 'The client was closed.')));
  };
  return { context, ...own, uplink, rooms, invitations, router, saver, close };
}
