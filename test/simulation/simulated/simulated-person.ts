/** A person with one machine: a real `ChatClient`, a disk that survives crashes, and a record of all that was seen. */
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
import { type Derivations, recording } from '../crypto/recording-crypto.ts';
import type { Suite } from '../crypto/suite.ts';
import type { SeededRandom } from './seeded-random.ts';
import { type Rewriting, SimulatedLink } from './simulated-link.ts';
import { newDisk, simulatedTransport, simulatedVault } from './simulated-machine.ts';
import { caFingerprint, type SimulatedServer } from './simulated-server.ts';
import type { SimulatedTime } from './simulated-time.ts';

export interface Surroundings {
  readonly time: SimulatedTime;
  readonly random: SeededRandom;
  readonly server: SimulatedServer;
  /** The server's CA. */
  readonly authority: Signer;
  readonly suite: Suite;
  readonly derivations: Derivations;
  /** Everything that anybody was told, in order. */
  readonly trace: (user: UserName, event: ClientEvent) => void;
}

/** Something that was said, and what became of it. */
export interface Said {
  readonly user: UserName;
  readonly room: RoomName;
  readonly text: string;
  /** Where it is on the log, once that was confirmed. */
  seq: number | null;
  /** Why it was given back. */
  refused: string | null;
}

/** How long the network takes, in ms. */
export interface Latency {
  readonly least: number;
  readonly most: number;
}

const usual: Latency = { least: 5, most: 60 };
/** How long until a client whose first connection failed is started again, in ms. */
const startAgain = 1_000;

export class SimulatedPerson {
  readonly user: UserName;
  readonly signer: Signer;
  /** Every secret that this person's client ever held. */
  readonly held = new Set<string>();
  readonly events: ClientEvent[] = [];
  readonly said: Said[] = [];
  /** What was asked and refused, by code. */
  readonly refusals: { readonly what: string; readonly code: string; readonly reason: string }[] = [];
  /** Rooms that this person asked to be let into. */
  readonly knocked = new Set<RoomName>();
  /** Rooms that this person asked to leave, without an answer since. */
  readonly left = new Set<RoomName>();
  latency: Latency = usual;
  /** Whether the network between this person and the server is down. */
  partitioned = false;
  /** The server that their connections reach. */
  server: SimulatedServer;
  /** Who stands between this person and the server. */
  rewriting: (() => Rewriting) | null = null;
  stored: Stored = newDisk;
  readonly #surroundings: Surroundings;
  readonly #crypto: RoomCrypto;
  readonly #links = new Set<SimulatedLink>();
  #client: ChatClient | null = null;
  /** Counts the starts: what belongs to an earlier one is dead. */
  #start = 0;
  #closing: Promise<void> | null = null;

  constructor(user: UserName, surroundings: Surroundings) {
    this.user = user;
    this.#surroundings = surroundings;
    const { suite, server, derivations } = surroundings;
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

  /** Starts the client, once the one before has closed. */
  start(): void {
    if (this.#client !== null) return;
    if (this.#closing !== null) {
      void this.#closing.then(() => this.start());
      return;
    }
    this.#start += 1;
    const alive = this.#alive();
    const { time, random, trace, authority } = this.#surroundings;
    const client = new ChatClient({
      user: this.user,
      signer: this.signer,
      crypto: this.#crypto,
      scheduler: {
        now: () => time.now(),
        after: (ms, action) => time.after(ms, () => alive() && action()),
      },
      transport: simulatedTransport(() => this.#openChat(alive)),
      authority: { fingerprint: caFingerprint, key: toBase64url(authority.publicKey) },
      vault: simulatedVault({ time, random }, (stored) => {
        if (!alive()) return false;
        this.stored = stored;
        return true;
      }),
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

  /** The machine dies: what it had not written is lost. */
  crash(): void {
    this.#start += 1;
    this.#client = null;
    this.#closing = null;
    this.cut();
  }

  /** The client is closed in good order. */
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

  openDirect(user: UserName): void {
    this.#try('openDirect', this.#client?.openDirect(user));
  }

  /** Marks somebody as verified, as after a comparison of safety numbers: by their true key. */
  verify({ user, fingerprint }: SimulatedPerson): void {
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

  /** The state of a room as it was last written. */
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
      this.#surroundings.time.after(startAgain, () => {
        if (alive() && this.#client === client) this.#connect(client, alive);
      });
    });
  }

  #openChat(alive: () => boolean): Promise<SimulatedLink> {
    const { time, random } = this.#surroundings;
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
