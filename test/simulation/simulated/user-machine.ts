/** The machine of a user: a real `ChatClient`, a disk and an identity key that survive crashes, and a record of all events. */
import { type BegunRenewal, ChatClient, ClientError, type ClientEvent, type Stored } from '@chat/client';
import { createMemoryFiles } from '@chat/message-store';
import { codeOf, type Fingerprint, type RoomId, toBase64url, type UserName } from '@chat/protocol';
import type { RoomCrypto, Signer } from '@chat/room';
import { renewIdentityKey } from '../../../packages/client/src/connection/enrolment.ts';
import { createMemoryArchive } from '../../../packages/client/src/entry-archive.ts';
import { chainWith, renewedState } from '../../../packages/client/src/renewal/own-renewal.ts';
import { type Derivations, recording } from '../crypto/recording-crypto.ts';
import type { Suite } from '../crypto/suite.ts';
import { lostWith, type OwnKey } from './own-key.ts';
import type { SeededRandom } from './seeded-random.ts';
import { type Rewriting, SimulatedLink } from './simulated-link.ts';
import { newDisk, simulatedSegments, simulatedTransport, simulatedVault } from './simulated-machine.ts';
import { caFingerprint, type SimulatedServer } from './simulated-server.ts';
import type { SimulatedTime } from './simulated-time.ts';

/** Options of `SimulatedUser`. */
export interface SimulatedUserOptions {
  readonly time: SimulatedTime;
  readonly random: SeededRandom;
  readonly server: SimulatedServer;
  /** The server's CA. */
  readonly authority: Signer;
  readonly suite: Suite;
  readonly derivations: Derivations;
  /** Receives each event of each client, in order. */
  readonly trace: (user: UserName, event: ClientEvent) => void;
}

/** The range of the network's delay, in ms. */
export type Latency = { readonly least: number; readonly most: number };

const usual: Latency = { least: 5, most: 60 };
/** The time until a client whose first connection failed connects again. */
const reconnectDelayMs = 1_000;
/** The longest time that the files of a renewed profile take. */
const maxStoreMs = 40;
/** By these codes the server has refused a renewal for good. */
const finalRefusals: ReadonlySet<string | null> = new Set(['login-refused', 'key-renewed', 'access-revoked']);

export class UserMachine {
  readonly user: UserName;
  /** All identity keys of the user, the first one first. */
  readonly keys: OwnKey[];
  /** Every secret that this user's client ever held. */
  readonly held = new Set<string>();
  readonly events: ClientEvent[] = [];
  /** Requests that were refused. */
  readonly refusals: { readonly what: string; readonly code: string; readonly reason: string }[] = [];
  latency: Latency = usual;
  /** True while the network between this user and the server is down. */
  partitioned = false;
  /** The server that the user's connections reach. */
  server: SimulatedServer;
  /** Creates the attacker on each new connection, or `null`. */
  rewriting: (() => Rewriting) | null = null;
  stored: Stored;
  /** The entries that the client keeps to give them back. They stay over restarts. */
  readonly #archive = createMemoryArchive();
  readonly #segments = createMemoryFiles();
  readonly #options: SimulatedUserOptions;
  readonly #crypto: RoomCrypto;
  #signer: Signer;
  /** The key of a renewal that the server has not confirmed. It survives crashes. */
  #next: Signer | null = null;
  /** True while a start asks the server for a renewal. */
  #isRenewing = false;
  readonly #links = new Set<SimulatedLink>();
  #client: ChatClient | null = null;
  /** The number of starts. Callbacks of an earlier start do nothing. */
  #start = 0;
  #closing: Promise<void> | null = null;

  constructor(user: UserName, options: SimulatedUserOptions) {
    this.user = user;
    this.#options = options;
    const { suite, server, derivations } = options;
    this.#signer = suite.newSigner();
    this.keys = [{ fingerprint: this.fingerprint, lost: () => false }];
    this.stored = newDisk(this.fingerprint);
    this.#crypto = recording(suite.newRoomCrypto(), this.held, derivations);
    this.server = server;
    server.enrol(user, this.#signer);
  }

  get signer(): Signer {
    return this.#signer;
  }

  get fingerprint(): Fingerprint {
    return this.#signer.fingerprint;
  }

  /** The first identity key. It stands for the user, whatever key a log names. */
  get id(): Fingerprint {
    return this.keys[0]?.fingerprint ?? this.fingerprint;
  }

  /** True while the client has read all rooms to the end, with their keys. */
  get hasReadAll(): boolean {
    const client = this.#client;
    return client?.online === true && client.rooms().every((room) => room.removed || (room.caughtUp && room.hasKey));
  }

  get client(): ChatClient | null {
    return this.#client;
  }

  get inRooms(): boolean {
    return this.#client !== null && Object.keys(this.stored.rooms).length > 0;
  }

  get running(): boolean {
    return this.#client !== null;
  }

  /** Starts a client as soon as the one before has closed. If a renewal is begun, the server is asked for it before. */
  start(): void {
    if (this.#client !== null || this.#isRenewing) return;
    if (this.#closing !== null) {
      void this.#closing.then(() => this.start());
      return;
    }
    this.#start += 1;
    if (this.#next === null) this.#run();
    else void this.#finishRenewal(this.#next);
  }

  #run(begunRenewal?: BegunRenewal): void {
    const alive = this.#alive();
    const { time, random, trace, authority } = this.#options;
    const client = new ChatClient({
      user: this.user,
      signer: this.#signer,
      crypto: this.#crypto,
      scheduler: this.#scheduler(alive),
      transport: simulatedTransport((certificate) => this.#open(certificate, alive)),
      authority: { serverId: caFingerprint, keys: [toBase64url(authority.publicKey)] },
      vault: simulatedVault({ time, random }, (stored) => {
        if (!alive()) return false;
        this.stored = stored;
        return true;
      }),
      archive: this.#archive,
      segments: simulatedSegments(this.#segments, alive),
      stored: this.stored,
      begunRenewal,
    });
    this.#client = client;
    client.subscribe((event) => {
      if (!alive()) return;
      this.events.push(event);
      trace(this.user, event);
      if (event.kind === 'refused' && event.code === 'renewal-unfinished') this.#restart(alive);
    });
    this.#connect(client, alive);
  }

  /** Renews the identity key, as the program does: no client runs while the server gets the new key. */
  renew(): void {
    if (this.#client === null) return;
    this.#next ??= this.#options.suite.newSigner();
    this.stop();
    this.start();
  }

  /** As `confirmRenewal` and `storeRenewal`. Without an answer the client goes on with the key before. */
  async #finishRenewal(next: Signer): Promise<void> {
    const { time, random } = this.#options;
    const alive = this.#alive();
    const { user, stored } = this;
    this.#isRenewing = true;
    const own = { user, serverId: caFingerprint, signer: this.#signer, stored };
    const chain = chainWith(own, next, time.now());
    const transport = simulatedTransport((certificate) => this.#open(certificate, alive));
    try {
      const certified = await renewIdentityKey(
        { transport, scheduler: this.#scheduler(alive) },
        { user, signer: next },
        chain,
      );
      await new Promise<void>((resolve) => time.after(random.below(maxStoreMs), resolve));
      if (!alive()) return;
      this.#next = null;
      this.#signer = next;
      this.keys.push({ fingerprint: next.fingerprint, lost: lostWith(stored) });
      this.stored = { ...renewedState(own, next, chain), certified };
      this.#isRenewing = false;
      this.#run('finished');
    } catch (error) {
      if (!alive()) return;
      if (finalRefusals.has(codeOf(error))) this.#next = null;
      this.#isRenewing = false;
      this.#run(this.#next === null ? 'refused' : 'unfinished');
    }
  }

  /** The user starts the program again, as it asks. */
  #restart(alive: () => boolean): void {
    const { time, random } = this.#options;
    time.after(random.between(100, 5_000), () => {
      if (!alive()) return;
      this.stop();
      this.start();
    });
  }

  /** The machine crashes. What it had not written is lost. */
  crash(): void {
    this.#start += 1;
    this.#isRenewing = false;
    this.#client = null;
    this.#closing = null;
    this.cut();
  }

  /** Closes the client. */
  stop(): void {
    if (this.#isRenewing) this.crash();
    if (this.#client === null) return;
    const closing = this.#client.close().then(() => {
      if (this.#closing === closing) this.#closing = null;
    });
    this.#closing = closing;
    this.#client = null;
  }

  cut(): void {
    for (const link of [...this.#links]) link.cut();
    this.#links.clear();
  }

  /** Returns the state of a room as it was last written to the disk. */
  room(room: RoomId): Stored['rooms'][RoomId] | undefined {
    return this.stored.rooms[room];
  }

  /** Notes a refused request, and returns its code. */
  protected refused(what: string, error: unknown): string {
    const reason = error instanceof Error ? error.message : String(error);
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'defect';
    this.refusals.push({ what, code, reason });
    return code;
  }

  #alive(): () => boolean {
    const start = this.#start;
    return () => start === this.#start;
  }

  #connect(client: ChatClient, alive: () => boolean): void {
    client.connect().catch((error: unknown) => {
      if (!alive() || this.#client !== client) return;
      const code = this.refused('connect', error);
      if (code === 'defect' || code === 'access-revoked' || code === 'renewal-unfinished') return;
      this.#options.time.after(reconnectDelayMs, () => {
        if (alive() && this.#client === client) this.#connect(client, alive);
      });
    });
  }

  #scheduler(alive: () => boolean) {
    const { time } = this.#options;
    const after = (ms: number, action: () => void) => time.after(ms, () => alive() && action());
    return { now: () => time.now(), after };
  }

  #open(certificate: Fingerprint | null, alive: () => boolean): Promise<SimulatedLink> {
    const { time, random } = this.#options;
    return new Promise((resolve, reject) => {
      time.after(random.below(100), () => {
        if (this.partitioned || !alive()) return reject(new ClientError('unreachable', 'The network is down.'));
        const delay = () => random.between(this.latency.least, this.latency.most);
        const { user, server } = this;
        const rewriting = certificate === null ? null : (this.rewriting?.() ?? null);
        const link = new SimulatedLink({ time, user, certificate, server, delay, rewriting });
        this.#links.add(link);
        resolve(link);
      });
    });
  }
}
