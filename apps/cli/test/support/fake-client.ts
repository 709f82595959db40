/** A fake of the client library that records the calls of the code under test. */
import type { AttentionSettings, ClientEvent, InvitationView, KnockView, RoomView, TextOptions } from '@chat/client';
import { ClientError, defaultAttention } from '@chat/client';
import type { Policy, RoomSummary } from '@chat/protocol';
import type { Client } from '../../src/client-surface.ts';
import { FakeFiles } from './fake-files.ts';
import { FakeMessages } from './fake-messages.ts';
import { direct, fingerprint, member, nothingUnread, open, view } from './samples.ts';

interface Sent {
  readonly room: string;
  readonly text: string;
  readonly replyTo?: number;
  readonly action?: boolean;
  accept(seq: number): void;
  refuse(error: Error): void;
}

export class FakeClient implements Client {
  readonly user = 'alice';
  fingerprint = fingerprint;
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

  recoveryState: Awaited<ReturnType<Client['recovery']['state']>> = null;
  readonly recovery: Client['recovery'] = {
    state: () => this.recoveryState,
    backUp: async () => {
      const latest = { number: 1, at: 0, bytes: 1_500_000, left: { files: 0, bytes: 0 } };
      this.recoveryState = { madeAt: 0, latest, failure: null };
      return this.recoveryState;
    },
    end: async () => {
      this.recoveryState = null;
    },
  };
  isRenewingKey = false;
  begunRenewal: Client['begunRenewal'] = null;
  readonly messages = new FakeMessages(() => this.rooms());
  readonly files = new FakeFiles();
  /** The messages that are kept, by room. */
  readonly kept = this.messages.kept;

  /** What the user has marked as read, as `lobby 7`. */
  readonly marked: string[] = [];
  readonly attention = {
    settings: defaultAttention,
    markRead: async (roomName: string, seq: number) => {
      this.marked.push(`${roomName} ${seq}`);
      this.#change(roomName, { unread: nothingUnread });
      this.emit({ kind: 'read', roomId: `id of ${roomName}`, roomName, seq });
    },
    setNotify: async (roomName: string, notify: RoomView['notify']) => this.#change(roomName, { notify }),
    change: async (changed: Partial<AttentionSettings>) => {
      this.attention.settings = { ...this.attention.settings, ...changed };
    },
  };

  #change(name: string, changed: Partial<RoomView>): void {
    this.joined = this.joined.map((room) => (room.roomName === name ? { ...room, ...changed } : room));
  }

  logFingerprint(roomName: string, seq = 7) {
    if (this.room(roomName) === null) throw new ClientError('not-joined', 'You are not in this room.');
    if (seq > 7) throw new ClientError('unknown-position', 'This client knows the positions 1 to 7.');
    return { seq, number: Array.from({ length: 12 }, (_, at) => String(20_000 + 100 * seq + at)).join(' ') };
  }

  lookAlike(): null {
    return null;
  }

  refusal: { code: string; reason: string } | null = null;
  /** The errors with which the next attempts to connect fail. */
  readonly failures: Error[] = [];
  readonly connects: string[] = [];

  async connect({ replaceOthers = false }: { replaceOthers?: boolean } = {}): Promise<void> {
    this.connects.push(replaceOthers ? 'replace' : 'connect');
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
  }

  keepConnecting(): void {
    this.connects.push('keep');
  }

  rooms(): readonly RoomView[] {
    return this.joined;
  }

  room(name: string): RoomView | null {
    return this.joined.find(({ roomName }) => roomName === name) ?? null;
  }

  async listRooms(): Promise<readonly RoomSummary[]> {
    return this.open;
  }

  async createRoom(name: string, policy: Policy = open): Promise<RoomView> {
    return this.#add(view(name, { policy }));
  }

  /** The rooms that need an invitation, which the user does not have. */
  readonly byInvitation = new Set<string>();
  /** The rooms to which the user's invitation has ended. */
  readonly endedInvitations = new Set<string>();

  async joinRoom(name: string): Promise<RoomView> {
    if (this.byInvitation.has(name)) throw Object.assign(new Error('no'), { code: 'not-invited' });
    if (this.endedInvitations.has(name)) throw new ClientError('invitation-expired', 'no');
    return this.#add(view(name));
  }

  async openDirect(user: string): Promise<RoomView> {
    return this.#add(direct(user, { members: [member('alice', { me: true }), member(user)] }));
  }

  #add(fresh: RoomView): RoomView {
    const { roomName } = fresh;
    const room = this.room(roomName) ?? fresh;
    if (this.room(roomName) === null) this.joined.push(room);
    return room;
  }

  async leaveRoom(name: string): Promise<void> {
    if (this.room(name) === null) throw new ClientError('not-joined', 'no');
    this.joined = this.joined.filter(({ roomName }) => roomName !== name);
  }

  waiting: InvitationView[] = [];
  knocking: KnockView[] = [];

  async invitations(): Promise<readonly InvitationView[]> {
    return this.waiting;
  }

  async knocks(): Promise<readonly KnockView[]> {
    return this.knocking;
  }

  readonly decided: string[] = [];

  async knock(room: string): Promise<void> {
    this.decided.push(`knock at ${room}`);
  }

  async dismissKnock(room: string, user: string): Promise<void> {
    this.decided.push(`dismiss ${user} at ${room}`);
  }

  async decline(room: string): Promise<void> {
    if (this.byInvitation.has(room)) throw new ClientError('not-invited', 'no');
    this.decided.push(`decline ${room}`);
  }

  async invite(room: string, user: string, expected: { fingerprint?: string } = {}): Promise<void> {
    this.decided.push(`invite ${user} into ${room}${expected.fingerprint === undefined ? '' : ' by key'}`);
  }

  async removeMember(room: string, user: string): Promise<void> {
    if (user === 'mallory') {
      throw Object.assign(new Error('There is no member named mallory.'), { code: 'unknown-member' });
    }
    this.decided.push(`remove ${user} from ${room}`);
  }

  async giveRole(room: string, user: string, role: string): Promise<void> {
    this.decided.push(`${user} ${role} of ${room}`);
  }

  send(room: string, text: string, { replyTo, action }: TextOptions = {}): Promise<{ seq: number }> {
    const how = { ...(replyTo && { replyTo }), ...(action && { action }) };
    return new Promise((resolve, reject) => {
      this.sent.push({ room, text, ...how, accept: (seq) => resolve({ seq }), refuse: reject });
    });
  }

  changed: ReturnType<Client['changedIdentities']> = [];

  changedIdentities() {
    return this.changed;
  }

  /** The fingerprint of every other user, as this client knows it. */
  theirs = fingerprint;
  readonly verified: string[] = [];

  async safetyNumber(user: string) {
    const number = Array.from({ length: 12 }, (_, group) => String(10_000 + group)).join(' ');
    return { number, fingerprint: this.theirs, verified: this.verified.includes(`${user} ${this.theirs}`) };
  }

  async verify(user: string, theirs: string): Promise<void> {
    this.verified.push(`${user} ${theirs}`);
  }

  async trust(user: string, fingerprint: string): Promise<void> {
    this.trusted.push(`${user} ${fingerprint}`);
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}
