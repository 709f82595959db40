/** The context of a client without a connection and without rooms, on a manual clock and a fake server. */
import { fromBase64url, type PublicIdentity, toBase64url } from '@chat/protocol';
import { createRoomCrypto, type RoomCrypto } from '@chat/room';
import { generateSigner } from '@chat/signatures';
import type { ClientContext } from '../../src/context.ts';
import { createMemoryArchive } from '../../src/entry-archive.ts';
import { ServerLoss } from '../../src/freshness/server-loss.ts';
import { Pins } from '../../src/identity/pins.ts';
import type { ClientEvent } from '../../src/index.ts';
import { WaitingEntries } from '../../src/intake-bounds.ts';
import { KeyPace } from '../../src/keys/key-pace.ts';
import { ClientLinks } from '../../src/keys/links/client-links.ts';
import { PrekeyDirectory } from '../../src/keys/prekey-directory.ts';
import { PrekeyRing } from '../../src/keys/prekey-ring.ts';
import type { UnsettledRoom } from '../../src/keys/unsettled-rooms.ts';
import { openMessages } from '../../src/messages/open-messages.ts';
import { RenewedIdentities } from '../../src/renewal/renewed-identities.ts';
import { noLinks, type StoredLinks } from '../../src/storage/stored-links.ts';
import type { SeenPrekey, StoredPrekey, Table } from '../../src/storage/stored-state.ts';
import { FakeServer } from './fake-server.ts';
import { ManualClock } from './manual-clock.ts';

export const authority = { serverId: 'ca'.repeat(32), keys: ['AAAA'] };

/** On a manual clock nothing waits for other threads. */
const withoutThreads: RoomCrypto = { ...createRoomCrypto(), verifyAsync: undefined };

/** What survives a restart. */
interface Kept {
  readonly signer: ReturnType<typeof generateSigner>;
  readonly prekeys: readonly StoredPrekey[];
  readonly seenPrekeys: Table<SeenPrekey>;
  readonly links: StoredLinks;
  readonly serverLostAt?: number | undefined;
}

export class IsolatedClient {
  readonly user: string;
  readonly signer: Kept['signer'];
  readonly events: ClientEvent[] = [];
  readonly context: ClientContext;
  readonly ring: PrekeyRing;
  readonly directory: PrekeyDirectory;
  readonly links: ClientLinks;
  /** The rooms that are not caught up, for the links. */
  unsettled: readonly UnsettledRoom[] = [];
  /** The users who share no room with this one. */
  readonly strangers = new Set<string>();
  /** What was stored last. */
  vault: Kept;

  constructor(user: string, clock: ManualClock, server: FakeServer, kept?: Kept, crypto: RoomCrypto = withoutThreads) {
    this.user = user;
    this.signer = kept?.signer ?? generateSigner();
    const { signer } = this;
    this.vault = kept ?? { signer, prekeys: [], seenPrekeys: {}, links: noLinks };
    const caller = { user, key: toBase64url(signer.publicKey), fingerprint: signer.fingerprint };
    const keep = () => {
      const links = JSON.parse(JSON.stringify(this.links.toJSON()));
      const [prekeys, seenPrekeys] = [this.ring.stored, this.directory.stored];
      this.vault = { signer, prekeys, seenPrekeys, links, serverLostAt: serverLoss.stored };
    };
    const serverLoss = new ServerLoss({ scheduler: clock, saveSoon: keep }, this.vault.serverLostAt);
    const base: Omit<ClientContext, 'directory' | 'identities' | 'outgoing' | 'incoming' | 'mail'> = {
      user,
      signer,
      crypto,
      scheduler: clock,
      authority,
      pins: new Pins({}),
      attention: { isIgnored: () => false },
      serverLoss,
      ownChain: null,
      archive: createMemoryArchive(),
      messages: openMessages({
        ...{ stored: undefined, crypto, scheduler: clock, saveSoon: keep },
        emit: (event) => void this.events.push(event),
      }),
      waiting: new WaitingEntries(),
      keyPace: new KeyPace(),
      request: (operation, fields) => server.request(operation, fields, caller),
      save: async () => keep(),
      erased: async () => keep(),
      fileDeleted: () => undefined,
      saveSoon: keep,
      emit: (event) => void this.events.push(event),
    };
    this.ring = new PrekeyRing(base, { prekeys: this.vault.prekeys }, () => this.links.mail.fetch());
    const identities = new RenewedIdentities(base, { pinsChanged: () => undefined, isRenewingOwn: () => false });
    this.directory = new PrekeyDirectory({ ...base, identities }, this.vault.seenPrekeys);
    const needs = { unsettled: () => this.unsettled, isShared: (user: string) => !this.strangers.has(user) };
    this.links = new ClientLinks({ owner: base, prekeys: this.ring, ...needs }, this.vault.links);
    const { outgoing, incoming, mail } = this.links;
    this.context = { ...base, directory: this.directory, identities, outgoing, incoming, mail };
  }

  /** Does what a login does, except for rooms. */
  async connect(): Promise<void> {
    await this.ring.publish();
    this.links.connected();
  }

  /** Does what the loss of a connection does, except for rooms. */
  disconnect(): void {
    this.ring.disconnected();
    this.links.disconnected();
  }

  get identity(): PublicIdentity {
    const { publicKey, fingerprint } = this.signer;
    return { user: this.user, fingerprint, key: toBase64url(publicKey) };
  }

  /** Returns whether the stored prekeys accept a link to this public key. */
  canOpen(publicKey: string | undefined): boolean {
    const { crypto } = this.context;
    const context = new Uint8Array(1);
    const opened = crypto.openLink({ recipient: fromBase64url(publicKey ?? ''), context });
    return this.vault.prekeys.some(({ seed }) => {
      const prekey = crypto.readPrekey(fromBase64url(seed));
      return opened !== null && crypto.acceptLink(prekey, opened.opening, context) !== null;
    });
  }

  codes(): string[] {
    return this.events.flatMap((event) =>
      event.kind === 'trouble' || event.kind === 'trouble-over'
        ? [`${event.code}${event.kind === 'trouble' ? '' : ' over'}`]
        : event.kind === 'room' && event.event.kind === 'violation'
          ? [`${event.event.code} ${event.event.user}`]
          : [],
    );
  }
}

/** Returns a new client of alice, with a server and a clock of its own. */
export function isolatedAlice(): {
  readonly clock: ManualClock;
  readonly server: FakeServer;
  readonly alice: IsolatedClient;
} {
  const [clock, server] = [new ManualClock(), new FakeServer()];
  return { clock, server, alice: new IsolatedClient('alice', clock, server) };
}
