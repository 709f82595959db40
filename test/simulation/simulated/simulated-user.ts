/** A user with one machine: a real `ChatClient`, a disk that survives crashes, and a record of all events. */
import { ChatClient, ClientError, type ClientEvent, type Stored } from '@chat/client';
import {
  type Fingerprint,
  type Policy,
  type Role,
  type RoomId,
  type RoomName,
  toBase64url,
  type UserName,
} from '@chat/protocol';
import type { RoomCrypto, Signer } from '@chat/room';
import { createMemoryArchive } from '../../../packages/client/src/entry-archive.ts';
import { type Derivations, recording } from '../crypto/recording-crypto.ts';
import type { Suite } from '../crypto/suite.ts';
import type { SeededRandom } from './seeded-random.ts';
import { type Rewriting, SimulatedLink } from './simulated-link.ts';
import { newDisk, simulatedTransport, simulatedVault } from './simulated-machine.ts';
import { caFingerprint, type SimulatedServer } from './simulated-server.ts';
import type { SimulatedTime } from './simulated-time.ts';

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

/** A message that a user sent, and its outcome. */
export interface Said {
  readonly user: UserName;
  readonly room: RoomName;
  readonly text: string;
  /** Its position, once the server has confirmed it. */
  seq: number | null;
  /** The code with which the client gave it back. */
  refused: string | null;
}

/** The range of the network's delay, in ms. */
export interface Latency {
  readonly least: number;
  readonly most: number;
}

const usual: Latency = { least: 5, most: 60 };
/** The time until a client whose first connection failed connects again. */
const reconnectDelayMs = 1_000;

export class SimulatedUser {
  readonly user: UserName;
  readonly signer: Signer;
  /** Every secret that this user's client ever held. */
  readonly held = new Set<string>();
  readonly events: ClientEvent[] = [];
  readonly said: Said[] = [];
  /** Requests that were refused. */
  readonly refusals: { readonly what: string; readonly code: string; readonly reason: string }[] = [];
  /** Rooms at which this user has knocked. */
  readonly knocked = new Set<RoomName>();
  /** Rooms that this user has asked to leave. */
  readonly left = new Set<RoomName>();
  latency: Latency = usual;
  /** True while the network between this user and the server is down. */
  partitioned = false;
  /** The server that the user's connections reach. */
  server: SimulatedServer;
  /** Creates the attacker on each new connection, or `null`. */
  rewriting: (() => Rewriting) | null = null;
  stored: Stored = newDisk;
  /** The entries that the client keeps to give them back. They stay over restarts. */
  readonly #archive = createMemoryArchive();
  readonly #options: SimulatedUserOptions;
  readonly #crypto: RoomCrypto;
  readonly #links = new Set<SimulatedLink>();
  #client: ChatClient | null = null;
  /** The number of starts. Callbacks of an earlier start do nothing. */
  #start = 0;
  #closing: Promise<void> | null = null;

  constructor(user: UserName, options: SimulatedUserOptions) {
    this.user = user;
    this.#options = options;
    const { suite, server, derivations } = options;
    this.signer = suite.newSigner();
    this.#crypto = recording(suite.newRoomCrypto(), this.held, derivations);
    this.server = server;
    server.enrol(user, this.signer);
  }

  get fingerprint(): Fingerprint {
    return this.signer.fingerprint;
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

  /** Starts a client as soon as the one before has closed. */
  start(): void {
    if (this.#client !== null) return;
    if (this.#closing !== null) {
      void this.#closing.then(() => this.start());
      return;
    }
    this.#start += 1;
    const alive = this.#alive();
    const { time, random, trace, authority } = this.#options;
    const client = new ChatClient({
      user: this.user,
      signer: this.signer,
      crypto: this.#crypto,
      scheduler: {
        now: () => time.now(),
        after: (ms, action) => time.after(ms, () => alive() && action()),
      },
      transport: simulatedTransport(() => this.#openChat(alive)),
      authority: { serverId: caFingerprint, keys: [toBase64url(authority.publicKey)] },
      vault: simulatedVault({ time, random }, (stored) => {
        if (!alive()) return false;
        this.stored = stored;
        return true;
      }),
      archive: this.#archive,
      stored: this.stored,
    });
    this.#client = client;
    client.subscribe((event) => {
      if (!alive()) return;
      this.events.push(event);
      trace(this.user, event);
    });
    this.#connect(client, alive);
  }

  /** The machine crashes. What it had not written is lost. */
  crash(): void {
    this.#start += 1;
    this.#client = null;
    this.#closing = null;
    this.cut();
  }

  /** Closes the client. */
  stop(): void {
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

  say(room: RoomName, text: string): void {
    if (this.#client === null) return;
    const said: Said = { user: this.user, room, text, seq: null, refused: null };
    this.said.push(said);
    this.#client.send(room, text).then(
      ({ seq }) => {
        said.seq = seq;
      },
      (error: unknown) => {
        said.refused = this.#refused('say', error);
      },
    );
  }

  create(room: RoomName, policy?: Policy): void {
    this.#try('create', this.#client?.createRoom(room, policy));
  }

  invite(room: RoomName, user: UserName): void {
    this.#try('invite', this.#client?.invite(room, user));
  }

  knock(room: RoomName): void {
    this.knocked.add(room);
    this.#try('knock', this.#client?.knock(room));
  }

  decline(room: RoomName): void {
    this.#try('decline', this.#client?.decline(room));
  }

  openDirect(user: UserName): void {
    this.#try('openDirect', this.#client?.openDirect(user));
  }

  /** Verifies a user's true key, as after a comparison of safety numbers. */
  verify({ user, fingerprint }: SimulatedUser): void {
    this.#try('verify', this.#client?.verify(user, fingerprint));
  }

  join(room: RoomName): void {
    this.#try('join', this.#client?.joinRoom(room));
  }

  leave(room: RoomName): void {
    this.left.add(room);
    this.#try('leave', this.#client?.leaveRoom(room));
  }

  remove(room: RoomName, user: UserName): void {
    this.#try('remove', this.#client?.removeMember(room, user));
  }

  giveRole(room: RoomName, user: UserName, role: Role): void {
    this.#try('giveRole', this.#client?.giveRole(room, user, role));
  }

  /** Returns the state of a room as it was last written to the disk. */
  room(room: RoomId): Stored['rooms'][RoomId] | undefined {
    return this.stored.rooms[room];
  }

  #try(what: string, asked: Promise<unknown> | undefined): void {
    asked?.catch((error: unknown) => this.#refused(what, error));
  }

  #refused(what: string, error: unknown): string {
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
      const code = this.#refused('connect', error);
      if (code === 'defect' || code === 'access-revoked') return;
      this.#options.time.after(reconnectDelayMs, () => {
        if (alive() && this.#client === client) this.#connect(client, alive);
      });
    });
  }

  #openChat(alive: () => boolean): Promise<SimulatedLink> {
    const { time, random } = this.#options;
    return new Promise((resolve, reject) => {
      time.after(random.below(100), () => {
        if (this.partitioned || !alive()) return reject(new ClientError('unreachable', 'The network is down.'));
        const delay = () => random.between(this.latency.least, this.latency.most);
        const { user, server } = this;
        const link = new SimulatedLink({ time, user, server, delay, rewriting: this.rewriting?.() ?? null });
        this.#links.add(link);
        resolve(link);
      });
    });
  }
}
