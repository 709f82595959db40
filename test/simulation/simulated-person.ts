/** A person with one machine: a real `ChatClient`, a disk that survives crashes, and a record of all that was seen. */
import { ChatClient, ClientError, type ClientEvent, type Stored, type Transport, type Vault } from '@chat/client';
import type { Fingerprint, Role, RoomId, RoomName, UserName } from '@chat/protocol';
import type { RoomCrypto, Signer } from '@chat/room';
import { type Derivations, recording } from './recording-crypto.ts';
import type { SeededRandom } from './seeded-random.ts';
import { type LinkOptions, type Rewriting, SimulatedLink } from './simulated-link.ts';
import type { SimulatedServer } from './simulated-server.ts';
import type { SimulatedTime } from './simulated-time.ts';
import type { Suite } from './suite.ts';

export interface Surroundings {
  readonly time: SimulatedTime;
  readonly random: SeededRandom;
  readonly server: SimulatedServer;
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
/** Deliveries fall on multiples of this, in ms, so that many are one step. */
const grain = 5;
/** How long a save takes at most, in ms. */
const slowestSave = 20;
/** How long until a client whose first connection failed is started again, in ms. */
const startAgain = 1_000;

const blank: Stored = {
  v: 1,
  certified: { tls: { privateKey: '', certificate: '' }, chatPort: 1 },
  pins: {},
  rooms: {},
};

export class SimulatedPerson {
  readonly user: UserName;
  readonly signer: Signer;
  /** Every secret that this person's client ever held. */
  readonly held = new Set<string>();
  readonly events: ClientEvent[] = [];
  readonly said: Said[] = [];
  /** What was asked and refused, by code. */
  readonly refusals: { readonly what: string; readonly code: string; readonly reason: string }[] = [];
  /** Rooms that this person asked to leave, without an answer since. */
  readonly left = new Set<RoomName>();
  latency: Latency = usual;
  /** Whether the network between this person and the server is down. */
  partitioned = false;
  /** Who stands between this person and the server. */
  rewriting: (() => Rewriting) | null = null;
  stored: Stored = blank;
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
    server.enrol(user, this.signer);
  }

  get fingerprint(): Fingerprint {
    return this.signer.fingerprint;
  }

  get client(): ChatClient | null {
    return this.#client;
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
    const { time, trace } = this.#surroundings;
    const client = new ChatClient({
      user: this.user,
      signer: this.signer,
      crypto: this.#crypto,
      scheduler: {
        now: () => time.now(),
        after: (ms, action) => time.after(ms, () => alive() && action()),
      },
      transport: this.#transport(alive),
      vault: this.#vault(alive),
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

  create(room: RoomName): void {
    this.#try('create', this.#client?.createRoom(room));
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
      if (code === 'defect') return;
      this.#surroundings.time.after(startAgain, () => {
        if (alive() && this.#client === client) this.#connect(client, alive);
      });
    });
  }

  #vault(alive: () => boolean): Vault {
    const { time, random } = this.#surroundings;
    let asked = 0;
    let written = 0;
    return {
      save: (stored) =>
        new Promise((resolve) => {
          const order = ++asked;
          time.after(random.below(slowestSave), () => {
            if (!alive()) return;
            // An older one that ends later changes nothing.
            if (order > written) this.stored = stored;
            written = Math.max(order, written);
            resolve();
          });
        }),
      close: async () => {},
    };
  }

  #transport(alive: () => boolean): Transport {
    const { time, random, server } = this.#surroundings;
    const unused = () => {
      throw new ClientError('unreachable', 'Nobody enrols in a simulation.');
    };
    const options: Omit<LinkOptions, 'rewriting'> = {
      time,
      server,
      user: this.user,
      delay: () => Math.ceil(random.between(this.latency.least, this.latency.most) / grain) * grain,
    };
    return {
      openChat: () =>
        new Promise((resolve, reject) => {
          time.after(random.below(100), () => {
            if (this.partitioned || !alive()) return reject(new ClientError('unreachable', 'The network is down.'));
            const link = new SimulatedLink({ ...options, rewriting: this.rewriting?.() ?? null });
            this.#links.add(link);
            resolve(link);
          });
        }),
      openEnrolment: async () => unused(),
      newRequest: unused,
      renewalTime: () => Number.MAX_SAFE_INTEGER,
    };
  }
}
