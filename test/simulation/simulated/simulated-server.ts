/**
 * The honest server: the domain, the handlers and parts of the sessions of `@chat/server-core`, without TLS. The fingerprint of an
 * identity key takes the place of the client certificate; logins and renewals are signed and checked as in production.
 */
import {
  entryHash,
  type Fingerprint,
  fromBase64url,
  nextLogHash,
  ProtocolError,
  type RoomId,
  type SignedEntry,
  toBase64url,
  type UserName,
} from '@chat/protocol';
import type { Signer } from '@chat/room';
import { defaultLimits, type Log } from '@chat/server-core';
import { createMemoryStore, MemoryDisk } from '@chat/server-core/contract';
import { Blobs } from '../../../packages/server-core/src/domain/blobs/blobs.ts';
import { Heartbeats } from '../../../packages/server-core/src/domain/heartbeats.ts';
import { KeyRenewals } from '../../../packages/server-core/src/domain/key-renewals.ts';
import { KeyRequests } from '../../../packages/server-core/src/domain/key-requests.ts';
import { Links } from '../../../packages/server-core/src/domain/keys/links.ts';
import { Wraps } from '../../../packages/server-core/src/domain/keys/wraps.ts';
import { Prekeys } from '../../../packages/server-core/src/domain/prekeys.ts';
import { ProfileRuns } from '../../../packages/server-core/src/domain/profile-runs.ts';
import { Recoveries } from '../../../packages/server-core/src/domain/recovery/recoveries.ts';
import { Rooms } from '../../../packages/server-core/src/domain/rooms.ts';
import { UserRevocation } from '../../../packages/server-core/src/domain/user-revocation.ts';
import { type Challenge, Enrolment } from '../../../packages/server-core/src/identity/enrolment.ts';
import type { Peer } from '../../../packages/server-core/src/identity/identify-peer.ts';
import { chainJudge, earlierKeyError, hadKey } from '../../../packages/server-core/src/identity/key-chain.ts';
import { Feeds } from '../../../packages/server-core/src/session/feeds.ts';
import { Sessions } from '../../../packages/server-core/src/session/sessions.ts';
import { HostQuotas } from '../../../packages/server-core/src/throttle/host-quotas.ts';
import { RequestRates } from '../../../packages/server-core/src/throttle/request-rate.ts';
import type { Suite } from '../crypto/suite.ts';
import type { SeededRandom } from './seeded-random.ts';
import { SimulatedEnrolment, simulatedCertificates } from './simulated-enrolment.ts';
import { type Memory, SimulatedSession } from './simulated-session.ts';
import { SimulatedSocket } from './simulated-socket.ts';
import type { SimulatedTime } from './simulated-time.ts';

/** Stands for the fingerprint of the CA's certificate, which a simulation does not have. */
export const caFingerprint = 'a'.repeat(64);
export const channel = toBase64url(new Uint8Array(32));

/** Quotas do not apply to a schedule. */
const often = 1_000_000;
const limits = {
  ...defaultLimits,
  joinBurst: often,
  joinsPerHour: often,
  roomsCreatedPerHour: often,
  knocksPerHour: often,
  roomKnocksPerHour: often,
  roomKnockBurst: often,
  prekeysPerHour: often,
  keysAskedPerMinute: often,
  // A schedule has no time of its own at the server.
  presenceGatherMs: 0,
  keysAskedInAllPerMinute: often,
  renewalsPerHour: often,
  keyRenewalsPerDay: often,
};

/** Rooms that take no entries back, for users whose keys are none. */
class RoomsThatStay extends Rooms {
  override restore(): Promise<never> {
    return Promise.reject(new ProtocolError('not-a-member', 'The authors have no keys.'));
  }
}

/** Writes each confirmation at once: the few seconds for which a server collects them are no time of the simulation. */
class WrapsWithoutDelay extends Wraps {
  override confirm(...confirmation: Parameters<Wraps['confirm']>): void {
    super.confirm(...confirmation);
    void this.flush();
  }
}

/** What a backup has of the server's store. A simulation has no certificates. */
export type Backup = Omit<MemoryDisk, 'ledger' | 'certificates'>;

export interface SimulatedServerOptions {
  readonly time: SimulatedTime;
  readonly random: SeededRandom;
  readonly suite: Suite;
  /** The CA's key. */
  readonly authority: Signer;
  readonly disk?: MemoryDisk;
}

type Deliver = (bytes: Uint8Array) => void;

export class SimulatedServer {
  readonly disk: MemoryDisk;
  /** The server's warnings and errors. There are none in a correct run. */
  readonly troubles: unknown[] = [];
  readonly #options: SimulatedServerOptions;
  readonly #sockets = new Set<SimulatedSocket>();
  readonly #log: Log;
  /** What is lost at a restart. */
  #memory: Memory | null = null;

  constructor(options: SimulatedServerOptions) {
    this.#options = options;
    this.disk = options.disk ?? new MemoryDisk();
    const report = (...what: unknown[]) => this.troubles.push(what);
    this.#log = { debug: () => {}, info: () => {}, warn: report, error: report };
  }

  enrol(user: UserName, { publicKey, fingerprint }: Signer): void {
    const { time } = this.#options;
    this.disk.accounts.set(user, { user, fingerprint, identity: publicKey, enrolledAt: time.now(), revoked: null });
  }

  /** Revokes a user, as the operator does. */
  revoke(user: UserName): void {
    const { revocation } = this.#running();
    revocation.revoke(user, 'privilegeWithdrawn').catch((error: unknown) => this.troubles.push(error));
  }

  /** Returns the identity key to which the user's name is bound. */
  keyOf(user: UserName): Fingerprint | undefined {
    return this.disk.accounts.get(user)?.fingerprint;
  }

  isRevoked(user: UserName): boolean {
    return this.disk.accounts.get(user)?.revoked != null;
  }

  /** Restarts the server: only the disk remains, and all connections break. */
  restart(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#memory = null;
  }

  /** Returns a copy of everything that the server has stored, accounts and renewals of their keys too. */
  backup(): Backup {
    const { ledger: _, certificates: __, ...kept } = this.disk;
    return structuredClone(kept);
  }

  /** Restarts the server with what it had stored at the time of the backup. */
  restore(backup: Backup): void {
    Object.assign(this.disk, structuredClone(backup));
    this.restart();
  }

  /** Returns another server with a copy of this one's disk. */
  fork(): SimulatedServer {
    const { disk } = this;
    const copy = Object.assign(new MemoryDisk(), {
      ...Object.fromEntries(
        Object.entries(disk).map(([name, kept]) => [name, kept instanceof Map ? new Map(kept) : kept]),
      ),
      logs: new Map([...disk.logs].map(([room, log]) => [room, [...log]])),
      sheets: new Map([...disk.sheets].map(([room, sheets]) => [room, [...sheets]])),
      logHashes: new Map([...disk.logHashes].map(([room, hashes]) => [room, [...hashes]])),
      knocks: new Map([...disk.knocks].map(([room, knocks]) => [room, new Map(knocks)])),
    });
    return new SimulatedServer({ ...this.#options, disk: copy });
  }

  /** Appends an entry without the server's checks. Clients read it when they connect again. */
  async insist(room: RoomId, entry: SignedEntry): Promise<void> {
    const { time, random } = this.#options;
    const seq = (this.disk.rooms.get(room)?.head ?? 0) + 1;
    const hash = entryHash(entry);
    const logHash = nextLogHash(this.disk.logHashes.get(room)?.at(-1) ?? '', { seq, type: entry.type, hash });
    const cid = Buffer.from(random.bytes(16)).toString('hex');
    const placed = { room, seq, at: time.now(), hash, logHash, entry, author: null, cid, change: null };
    await createMemoryStore(this.disk).append(placed);
    this.restart();
  }

  /**
   * Accepts a connection of a user to the chat port. The returned socket takes the client's bytes.
   *
   * @param certificate fingerprint of the key for which it was issued
   */
  accept(user: UserName, certificate: Fingerprint, deliver: Deliver, ended: () => void): SimulatedSocket {
    const socket = this.#connected(deliver, ended);
    new SimulatedSession(socket, user, this.#peer(user, certificate), this.#challenge(), this.#running());
    return socket;
  }

  /** Accepts a connection to the enrolment port, where users renew their keys. */
  acceptEnrolment(deliver: Deliver, ended: () => void): SimulatedSocket {
    const socket = this.#connected(deliver, ended);
    const memory = this.#running();
    new SimulatedEnrolment(socket, memory.enrolment, this.#challenge(), memory);
    return socket;
  }

  #connected(deliver: Deliver, ended: () => void): SimulatedSocket {
    const socket = new SimulatedSocket(deliver, ended);
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      ended();
    });
    return socket;
  }

  #challenge(): Challenge {
    return { serverId: caFingerprint, nonce: toBase64url(this.#options.random.bytes(32)), channel };
  }

  #running(): Memory {
    this.#memory ??= this.#start();
    return this.#memory;
  }

  #start(): Memory {
    const { time, suite, authority } = this.#options;
    const store = createMemoryStore(this.disk);
    const clock = () => time.now();
    const sessions = new Sessions();
    const readKey = (key: string) => suite.verifier(fromBase64url(key));
    const rooms = new (suite.hasRealKeys ? Rooms : RoomsThatStay)({
      store,
      directory: store,
      judgeChain: chainJudge(caFingerprint, readKey),
      authorities: [suite.verifier(authority.publicKey)],
      clock,
      log: this.#log,
      limits,
      invited: (user, notice) => sessions.sendTo(user, { push: 'invited', ...notice }),
      keyRenewed: (user, before) => keyRenewals.renewed(user, before),
    });
    const feeds = new Feeds(rooms, limits);
    const prekeys = new Prekeys({ store, serverId: caFingerprint, clock, limits });
    const keyRequests = new KeyRequests({ clock, limits });
    const keyRenewals = new KeyRenewals({ store, endSessions: (user, before) => sessions.endRenewed(user, before) });
    const heartbeats = new Heartbeats({ clock, limits });
    const revocation = new UserRevocation({
      store,
      rooms,
      // A simulation has no certificates.
      certificates: { revokeCertificatesOf: async () => 0 },
      authority,
      clock,
      endSessions: (user) => sessions.endRevoked(user),
      publishRevocationList: async () => {},
    });
    revocation.resume().catch((error: unknown) => this.troubles.push(error));
    const enrolment = new Enrolment({
      ...{ directory: store, certificates: simulatedCertificates, clock, limits, readKey },
      policy: 'closed',
      keyRenewed: (user, before) => keyRenewals.renewed(user, before),
    });
    return {
      enrolment,
      services: {
        ...{ rooms, prekeys, keyRenewals, keyRequests, heartbeats, followers: feeds },
        blobs: new Blobs({ store: store.blobs, limits, clock, log: this.#log }),
        links: new Links({
          ...{ store, clock, limits },
          acceptedIds: (users) => prekeys.acceptedIds(users),
          notify: (user) => sessions.sendTo(user, { push: 'links-waiting' }),
        }),
        wraps: new WrapsWithoutDelay({ store, clock, log: this.#log }),
        runs: new ProfileRuns(store, clock),
        hosts: new HostQuotas(limits, clock),
        recoveries: new Recoveries({
          ...{ store, serverId: caFingerprint, clock, limits },
          requireSpace: () => rooms.storage.requireSpace(),
        }),
        history: { first: '', successions: [], withdrawals: [], crossed: [] },
      },
      feeds,
      sessions,
      revocation,
      rates: new RequestRates(limits, clock),
      limits,
      clock,
      log: this.#log,
    };
  }

  /** As `identifyPeer`. */
  async #peer(user: UserName, certificate: Fingerprint): Promise<Peer> {
    const account = this.disk.accounts.get(user);
    const { fingerprint, identity } = account ?? {};
    if (fingerprint !== certificate && (await hadKey(createMemoryStore(this.disk), user, certificate))) {
      throw earlierKeyError({ user, revoked: this.isRevoked(user) });
    }
    if (identity === undefined || fingerprint !== certificate) {
      throw new ProtocolError('login-refused', `This key of ${user} is not known here.`);
    }
    return {
      ...{ user, fingerprint, key: toBase64url(identity), verifier: this.#options.suite.verifier(identity) },
      ...{ revoked: this.isRevoked(user), certificateExpiresAt: 8.64e15, hasSupersededCertificate: false },
    };
  }
}
