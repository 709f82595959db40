/** Starts a chat server from its parts, and stops it. */
import { randomBytes as systemRandomBytes } from 'node:crypto';
import { certificateFingerprint, type PermanentRevocationReason } from '@chat/mini-ca';
import type { RoomId, UserName } from '@chat/protocol';
import { importPlainPrivateKey } from '@chat/signatures';
import { Blobs } from './domain/blobs/blobs.ts';
import { Heartbeats } from './domain/heartbeats.ts';
import { KeyRenewals } from './domain/key-renewals.ts';
import { KeyRequests } from './domain/key-requests.ts';
import { Links } from './domain/keys/links.ts';
import { Wraps } from './domain/keys/wraps.ts';
import { Prekeys } from './domain/prekeys.ts';
import { ProfileRuns } from './domain/profile-runs.ts';
import { Recoveries } from './domain/recovery/recoveries.ts';
import { Retention, type Swept } from './domain/retention/retention.ts';
import { Rooms } from './domain/rooms.ts';
import { type RevocationResult, UserRevocation } from './domain/user-revocation.ts';
import { authoritiesUntil, authorityVerifier, firstAuthority } from './identity/authority-history.ts';
import { Certificates } from './identity/certificates.ts';
import { Enrolment } from './identity/enrolment.ts';
import { chainJudge } from './identity/key-chain.ts';
import { defaultLimits, type ServerLimits } from './limits/limits.ts';
import { noMetrics } from './ports/metrics.ts';
import type { RetentionBounds } from './ports/retention-store.ts';
import type { ChatServer, ServerChanges, ServerOptions } from './server-options.ts';
import { ChatSession } from './session/chat-session.ts';
import { EnrolmentSession } from './session/enrolment-session.ts';
import { Feeds } from './session/feeds.ts';
import type { SessionContext } from './session/session-context.ts';
import { Sessions } from './session/sessions.ts';
import { HostQuotas } from './throttle/host-quotas.ts';
import { RequestRates } from './throttle/request-rate.ts';
import { Credentials } from './tls/credentials.ts';
import type { Address, Listener } from './tls/listener.ts';
import { Listeners } from './tls/listeners.ts';
import { addressOf, chainOf, channelOf } from './tls/options.ts';
import { chatBounds, enrolmentBounds } from './tls/port-bounds.ts';
import { within } from './within.ts';

/**
 * Starts a server. Resolves when both ports listen. Rejects with the system's error when one cannot listen (`EADDRINUSE`,
 * `EACCES`, ...), with a `CaError` or `SignatureError` when the CA cannot sign (its key must be P-384), or with the store's
 * error. Nothing stays open then.
 */
export async function startServer(options: ServerOptions): Promise<ChatServer> {
  let server: Server | undefined;
  try {
    server = new Server(options);
    await server.listen();
    return server;
  } catch (error) {
    await (server ?? options.store).close();
    throw error;
  }
}

class Server implements ChatServer {
  readonly #options: ServerOptions;
  readonly #context: SessionContext;
  readonly #credentials: Credentials;
  readonly #retention: Retention;
  readonly #listeners: Listeners;
  #addresses: { readonly chat: Address; readonly enrolment: Address } | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: ServerOptions) {
    const { ca, store, log, tap, metrics = noMetrics, clock = Date.now, randomBytes = systemRandomBytes } = options;
    // All parts read this one object at each use, so that `change` counts for open connections and rooms, too.
    const limits: ServerLimits = { ...defaultLimits, ...options.limits };
    const authority = importPlainPrivateKey(ca.privateKey.export({ type: 'pkcs8', format: 'der' }));
    const certificates = new Certificates({ authority: ca, ledger: store.ledger, directory: store, clock });
    const history = options.history ?? firstAuthority(ca.certificate);
    const serverId = certificateFingerprint(history.first);
    const roots = authoritiesUntil(ca.certificate, history);
    const sessions = new Sessions();
    const rooms = new Rooms({
      ...{ store, directory: store, judgeChain: chainJudge(serverId), clock, log, limits },
      authorities: roots.map(authorityVerifier),
      freeBytes: options.freeBytes,
      invited: (user, notice) => sessions.sendTo(user, { push: 'invited', ...notice }),
      keyRenewed: (user, before) => keyRenewals.renewed(user, before),
    });
    store.watchDamage((row) => rooms.damage.report({ ...row }));
    const feeds = new Feeds(rooms, limits, metrics);
    this.#retention = new Retention({
      ...{ store, clock, log },
      defaults: options.retention,
      deleted: (room) => rooms.messagesDeleted(room),
    });
    const prekeys = new Prekeys({ store, serverId, clock, limits });
    const links = new Links({
      ...{ store, clock, limits },
      acceptedIds: (users) => prekeys.acceptedIds(users),
      notify: (user) => sessions.sendTo(user, { push: 'links-waiting' }),
    });
    const keyRequests = new KeyRequests({ clock, limits });
    const keyRenewals = new KeyRenewals({ store, endSessions: (user, before) => sessions.endRenewed(user, before) });
    const heartbeats = new Heartbeats({ clock, limits });
    this.#credentials = new Credentials({
      chain: chainOf(ca.certificate, roots, history),
      ...{ certificates, clock },
      hosts: options.names ?? [],
      random: () => Buffer.from(randomBytes(4)).readUInt32BE() / 2 ** 32,
      log,
      publish: options.publishRevocations ?? (async () => {}),
      changed: (context) => this.#listeners.renew(context),
    });
    const isRevoked = (serial: string): boolean => this.#credentials.isRevoked(serial);
    this.#listeners = new Listeners({ isRevoked, limits, clock, log, metrics });
    const revocation = new UserRevocation({
      ...{ store, rooms, certificates, authority, clock },
      endSessions: (user) => sessions.endRevoked(user),
      publishRevocationList: () => this.#credentials.renewRevocationList(),
    });
    const { policy } = options.enrolment;
    this.#options = options;
    this.#context = {
      serverId,
      directory: store,
      services: {
        blobs: new Blobs({ store: store.blobs, limits, clock, log, freeBytes: options.freeBytes }),
        ...{ rooms, prekeys, keyRenewals, keyRequests, heartbeats, links },
        wraps: new Wraps({ store, clock, log }),
        followers: feeds,
        runs: new ProfileRuns(store, clock),
        hosts: new HostQuotas(limits, clock),
        recoveries: new Recoveries({
          ...{ store, serverId, clock, limits },
          requireSpace: () => rooms.storage.requireSpace(),
        }),
        history,
      },
      feeds,
      enrolment: new Enrolment({
        ...{ directory: store, certificates, policy, clock, limits },
        keyRenewed: (user, before) => keyRenewals.renewed(user, before),
      }),
      revocation,
      sessions,
      rates: new RequestRates(limits, clock),
      limits,
      clock,
      randomBytes,
      log,
      metrics,
      tap,
    };
  }

  get caFingerprint(): string {
    return certificateFingerprint(this.#options.ca.certificate);
  }

  get serverId(): string {
    return this.#context.serverId;
  }

  get chatAddress(): Address {
    return this.#listening().chat;
  }

  get enrolmentAddress(): Address {
    return this.#listening().enrolment;
  }

  async listen(): Promise<void> {
    const { store, chat, enrolment, log } = this.#options;
    await this.#credentials.start();
    await this.#context.revocation.resume();

    const chatListener = this.#chatListener();
    const chatAddress = await chatListener.listen(chat);
    const enrolmentListener = this.#enrolmentListener(chatAddress.port);
    this.#addresses = { chat: chatAddress, enrolment: await enrolmentListener.listen(enrolment) };
    for (const each of [this.#retention, this.#context.services.wraps, this.#context.services.blobs]) each.start();
    // The application that started the server tells the operator.
    log.debug({ ...this.#addresses, ca: this.caFingerprint }, 'listening');
    store.failed
      .then((error) => this.#storeFailed(error))
      .catch((error: unknown) => log.error({ error }, 'the server could not stop cleanly'));
  }

  async revoke(user: UserName, reason: PermanentRevocationReason): Promise<RevocationResult> {
    const result = await this.#context.revocation.revoke(user, reason);
    this.#context.log.info({ ...result, reason }, 'access revoked');
    return result;
  }

  async reset(user: UserName, reason: PermanentRevocationReason): Promise<RevocationResult> {
    const result = await this.#context.revocation.reset(user, reason);
    this.#context.log.info({ ...result, reason }, 'a name was freed');
    return result;
  }

  setRetention(roomId: RoomId, bounds: RetentionBounds): Promise<Swept | null> {
    return this.#retention.set(roomId, bounds);
  }

  async change({ limits = {}, policy, retention, names }: ServerChanges): Promise<void> {
    // First, because it may fail.
    if (names !== undefined) await this.#credentials.rename(names);
    const { limits: present, sessions, enrolment } = this.#context;
    Object.assign(present, limits);
    this.#listeners.limitsChanged();
    sessions.limitsChanged(present.connectionsPerUser);
    if (policy !== undefined) enrolment.policy = policy;
    if (retention !== undefined) this.#retention.setDefaults(retention);
  }

  async deleteRoom(roomId: RoomId): Promise<boolean> {
    const isDeleted = await this.#context.services.rooms.delete(roomId);
    if (isDeleted) this.#context.log.warn({ room: roomId }, 'the operator deleted a room');
    return isDeleted;
  }

  get connections(): number {
    return this.#context.sessions.loggedIn;
  }

  get waitingConnections(): number {
    return this.#context.sessions.waiting;
  }

  get queuedBytes(): number {
    return this.#context.sessions.queuedBytes;
  }

  get listening(): boolean {
    return this.#listeners.listening;
  }

  get certificateEndsAt(): number {
    return this.#credentials.certificateEndsAt;
  }

  connectionsOf(user: UserName): number {
    return this.#context.sessions.count(user);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #chatListener(): Listener {
    return this.#listeners.add({
      service: 'chat',
      requiresCertificate: true,
      bounds: () => chatBounds(this.#context.limits),
      accept: ({ socket, certificate, host, proved }) => {
        if (certificate === null) throw new Error('The listener accepted a client without a certificate.');
        const shown = { channel: channelOf(socket), certificate };
        return new ChatSession({ socket, ...shown, address: addressOf(socket), host, proved }, this.#context);
      },
    });
  }

  #enrolmentListener(chatPort: number): Listener {
    return this.#listeners.add({
      service: 'enrolment',
      requiresCertificate: false,
      bounds: () => enrolmentBounds(this.#context.limits),
      accept: (arrival) => {
        const place = { channel: channelOf(arrival.socket), address: addressOf(arrival.socket), chatPort };
        return new EnrolmentSession({ ...arrival, ...place }, this.#context);
      },
    });
  }

  #listening(): { readonly chat: Address; readonly enrolment: Address } {
    if (this.#addresses === undefined) throw new Error('The server does not listen yet.');
    return this.#addresses;
  }

  /** Stops the server: without its store it could only refuse requests, and the operator would not notice. */
  async #storeFailed(error: Error): Promise<void> {
    if (this.#closing !== undefined) return;
    this.#options.log.error({ error }, 'the store has failed; stopping the server');
    await this.close();
  }

  async #close(): Promise<void> {
    const { sessions, feeds, services, limits, log } = this.#context;
    this.#credentials.stop();
    this.#listeners.refuse();

    // A store that never answers must not keep the server from stopping.
    await within(limits.lingerMs, sessions.drain());
    feeds.flush();
    await sessions.stop();
    await this.#listeners.close();
    for (const each of [this.#retention, services.wraps, services.blobs]) await within(limits.lingerMs, each.stop());
    await this.#options.store.close();
    if (this.#addresses !== undefined) log.info({}, 'stopped');
  }
}
