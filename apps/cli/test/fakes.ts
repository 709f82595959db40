/** Stand-ins for the client library, a person, and time. */
import type { ClientEvent, RoomView } from '@chat/client';
import { ClientError } from '@chat/client';
import type { RoomSummary } from '@chat/protocol';
import type { Client, Profile, Profiles } from '../src/client-surface.ts';
import type { Clock } from '../src/clock.ts';
import { readEnvironment } from '../src/environment.ts';
import type { RoomEvent } from '../src/screen/room-event.ts';
import { type CommonOptions, type Settings, settingsFrom } from '../src/settings.ts';
import type { Console, ReadOptions } from '../src/terminal/console.ts';

export const fingerprint = 'ab'.repeat(32);

export const view = (name: string, more: Partial<RoomView> = {}): RoomView => ({
  room: `id of ${name}`,
  name,
  members: [{ user: 'alice', fingerprint, role: 'owner', online: true, hub: true, me: true }],
  epoch: 1,
  hasKey: true,
  rekeying: false,
  caughtUp: true,
  removed: false,
  unsent: 0,
  recent: [],
  ...more,
});

export const messageEvent = (seq: number, user: string, text: string): RoomEvent => ({
  kind: 'message',
  seq,
  at: 0,
  epoch: 1,
  user,
  fingerprint,
  hash: fingerprint,
  text,
});

export const roomEvent = (name: string, event: RoomEvent, live = true): ClientEvent => ({
  kind: 'room',
  room: `id of ${name}`,
  name,
  event,
  mine: 'user' in event && event.user === 'alice',
  live,
});

interface Sent {
  readonly room: string;
  readonly text: string;
  accept(seq: number): void;
  refuse(error: Error): void;
}

export class FakeClient implements Client {
  readonly user = 'alice';
  readonly fingerprint = fingerprint;
  online = true;
  closed = false;
  joined: RoomView[];
  readonly open: RoomSummary[] = [];
  readonly sent: Sent[] = [];
  readonly trusted: string[] = [];
  readonly #listeners = new Set<(event: ClientEvent) => void>();

  constructor(...joined: RoomView[]) {
    this.joined = joined;
  }

  emit(event: ClientEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  subscribe(listener: (event: ClientEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async connect(): Promise<void> {}

  rooms(): readonly RoomView[] {
    return this.joined;
  }

  room(name: string): RoomView | null {
    return this.joined.find((room) => room.name === name) ?? null;
  }

  async listRooms(): Promise<readonly RoomSummary[]> {
    return this.open;
  }

  async createRoom(name: string): Promise<RoomView> {
    return this.joinRoom(name);
  }

  async joinRoom(name: string): Promise<RoomView> {
    const room = this.room(name) ?? view(name);
    if (this.room(name) === null) this.joined.push(room);
    return room;
  }

  async leaveRoom(name: string): Promise<void> {
    if (this.room(name) === null) throw new ClientError('not-joined', 'no');
    this.joined = this.joined.filter((room) => room.name !== name);
  }

  readonly decided: string[] = [];

  async removeMember(room: string, user: string): Promise<void> {
    if (user === 'nobody') {
      throw Object.assign(new Error('Nobody named nobody is in this room.'), { code: 'unknown-member' });
    }
    this.decided.push(`remove ${user} from ${room}`);
  }

  async giveRole(room: string, user: string, role: string): Promise<void> {
    this.decided.push(`${user} ${role} of ${room}`);
  }

  send(room: string, text: string): Promise<{ seq: number }> {
    return new Promise((resolve, reject) => {
      this.sent.push({ room, text, accept: (seq) => resolve({ seq }), refuse: reject });
    });
  }

  changed: { user: string; known: string; seen: string }[] = [];

  changedIdentities() {
    return this.changed;
  }

  async trust(user: string, fingerprint: string): Promise<void> {
    this.trusted.push(`${user} ${fingerprint}`);
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

/** Time that only moves when it is told to. */
export class FakeClock implements Clock {
  #now = 0;
  #timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#now = next.at;
      next.run();
    }
    this.#now = end;
  }
}

/** A person who answers from a list and keeps what was shown. */
export class ScriptedConsole implements Console {
  readonly canHide: boolean;
  readonly shown: string[] = [];
  readonly asked: ReadOptions[] = [];
  readonly #answers: (string | null)[];

  constructor(answers: readonly (string | null)[], canHide = true) {
    this.#answers = [...answers];
    this.canHide = canHide;
  }

  print(text: string): void {
    this.shown.push(text);
  }

  async read(options: ReadOptions): Promise<string | null> {
    this.asked.push(options);
    return this.#answers.shift() ?? null;
  }

  close(): void {}

  /** Answers that nobody asked for. */
  get left(): number {
    return this.#answers.length;
  }
}

export const settings = (options: CommonOptions = {}, variables: NodeJS.ProcessEnv = {}): Settings =>
  settingsFrom(readEnvironment({ CHAT_HOME: '/home', ...variables }, '/'), options);

export const profile = (user: string, more: Partial<Profile> = {}): Profile => ({
  user,
  host: 'host',
  port: 9998,
  authority: fingerprint,
  directory: `/home/${user}`,
  ...more,
});

export type Enrolment = Parameters<Profiles['enrol']>[0];

/** Profiles whose password is `password`, at a server that presents `fingerprint`. */
export class FakeProfiles implements Profiles {
  readonly client = new FakeClient();
  readonly opened: string[] = [];
  readonly enrolled: Enrolment[] = [];
  readonly taken = new Set<string>();
  readonly all: Profile[];
  presented = fingerprint;

  constructor(...all: Profile[]) {
    this.all = all;
  }

  readonly fetchAuthority = async () => ({ certificate: 'PEM', fingerprint: this.presented });
  readonly listProfiles = async () => this.all;

  readonly enrol = async (enrolment: Enrolment): Promise<Client> => {
    if (this.taken.has(enrolment.user)) throw Object.assign(new Error('taken'), { code: 'user-name-taken' });
    this.enrolled.push(enrolment);
    return this.client;
  };

  readonly openProfile = async ({ user }: Profile, password: string): Promise<Client> => {
    if (password !== 'password') throw new ClientError('wrong-password', 'no');
    this.opened.push(user);
    return this.client;
  };
}
