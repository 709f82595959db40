/** A room without sessions: one log, and for each member the state and the parts of a client that act on it. */
import { limits, type SignedEntry } from '@chat/protocol';
import {
  type Author,
  acceptWrap,
  applyEntry,
  composeCreate,
  composeJoin,
  composeMessage,
  createRoomCrypto,
  emptyRoom,
  noteKeySeen,
  type RoomState,
  slotRecipients,
} from '@chat/room';
import { proposeEpoch } from '../../src/keys/epoch-proposal.ts';
import { FakeServer } from './fake-server.ts';
import { IsolatedClient } from './isolated-client.ts';
import { ManualClock } from './manual-clock.ts';

const real = createRoomCrypto();
/** These tests compose every entry themselves, so signatures are not checked. */
const trusting = { ...real, verify: () => true };
const policy = { join: 'open', history: 'since-join' } as const;

export class FakeMember extends IsolatedClient {
  readonly room = {
    roomId: '',
    roomName: 'lobby',
    state: emptyRoom('0'.repeat(64), this.signer.fingerprint),
    online: [] as readonly string[],
    mayAct: true,
    log: { keys: { lostEpoch: 0 } },
    outbox: { messages: [] as readonly unknown[] },
    propose: (drafts: RoomState['drafts']) => this.take({ ...this.room.state, drafts }),
  };
  readonly #clock: ManualClock;

  constructor(user: string, clock: ManualClock, server: FakeServer, kept?: FakeMember['vault']) {
    super(user, clock, server, kept);
    this.#clock = clock;
  }

  get author(): Author {
    return { user: this.user, signer: this.signer, crypto: real, now: this.#clock.now() };
  }

  get fingerprint(): string {
    return this.signer.fingerprint;
  }

  get state(): RoomState {
    return this.room.state;
  }

  take(state: RoomState): void {
    this.room.state = state;
  }
}

export class FakeRoom {
  readonly clock = new ManualClock();
  readonly server = new FakeServer();
  /** Appended entries are not on the log until the test puts them there. */
  readonly log: SignedEntry[] = [];
  readonly members: FakeMember[] = [];
  #id = '';

  constructor() {
    this.server.recipients = (kind, by) => {
      const member = this.members.find(({ fingerprint }) => fingerprint === by);
      return member === undefined ? [] : slotRecipients(member.state, kind).map(({ fingerprint }) => fingerprint);
    };
    this.server.answers.append = () => ({ seq: this.log.length + 1, at: 0 });
  }

  /** Lets users join one after another; the first creates the room. All of them are online, and none has a key yet. */
  async enter(...users: readonly string[]): Promise<FakeMember[]> {
    const entered = users.map((user) => new FakeMember(user, this.clock, this.server));
    for (const attendant of entered) {
      await attendant.ring.publish();
      attendant.links.mail.connected();
      this.log.push(this.#entryOf(attendant));
      attendant.room.roomId = this.#id;
      attendant.take(emptyRoom(this.#id, attendant.fingerprint, { since: this.log.length - 1 }));
      this.members.push(attendant);
    }
    for (const { room } of this.members) room.online = this.members.map(({ user }) => user);
    for (const member of this.members) this.read(member);
    return entered;
  }

  /** Lets the machines sleep for as long as a link serves, once, while the server takes openings. */
  sleepWhileOpening(): void {
    const { server, clock } = this;
    const { 'put-links': put } = server.answers;
    server.answers['put-links'] = (fields, caller) => {
      clock.sleep(limits.linkAge);
      if (put !== undefined) server.answers['put-links'] = put;
      return put?.(fields, caller) ?? { refused: [] };
    };
  }

  #entryOf({ author }: FakeMember): SignedEntry {
    if (this.#id !== '') return composeJoin(author, this.#id, this.log.length);
    const { roomId: room, entry } = composeCreate(author, 'lobby', policy);
    this.#id = room;
    return entry;
  }

  /** Starts the client of a member again from what it has stored, with the room as it was read and without drafts. */
  restart(member: FakeMember): FakeMember {
    const again = new FakeMember(member.user, this.clock, this.server, member.vault);
    again.links.mail.connected();
    again.room.roomId = this.#id;
    again.room.online = member.room.online;
    again.take({ ...member.state, drafts: [] });
    this.members[this.members.indexOf(member)] = again;
    return again;
  }

  /** Reads on with the wraps that the server has. Returns the epoch number at which a wrap is missing; else null. */
  read(member: FakeMember): number | null {
    for (const entry of this.log.slice(member.state.head.seq)) {
      const seq = member.state.head.seq + 1;
      const { state, events } = applyEntry(member.state, { seq, at: 0, entry }, trusting);
      member.take(noteKeySeen(state, this.clock.now()));
      const [event] = events;
      if (event?.kind !== 'epoch' || event.key !== 'wanted') continue;
      const wrap = this.server.wraps.get(`${event.number} ${member.fingerprint}`);
      if (wrap === undefined) return event.number;
      this.#open(member, event.number, wrap);
    }
    return null;
  }

  /** Takes the openings that wait for a member, and its wrap of an epoch. */
  #open(member: FakeMember, epochNumber: number, wrap: Uint8Array): void {
    const { incoming } = member.links;
    for (const opening of this.server.openings.get(member.fingerprint) ?? []) incoming.accept(opening);
    const from = member.state.epochs[epochNumber]?.author ?? '';
    const unwrapped = incoming.unwrap({ roomId: this.#id, epochNumber, from, wrap });
    if (typeof unwrapped === 'string') return;
    const state = acceptWrap(member.state, { epochNumber, secret: unwrapped.key }, real);
    if (state === null) return;
    member.take(state);
    incoming.took(this.#id, state.secrets);
  }

  /** Lets a member make the next epoch and puts it on the log. No member has read it then. */
  async rekey(by: FakeMember): Promise<void> {
    let done = false;
    const proposing = proposeEpoch(by.context, by.room, () => {}).finally(() => {
      done = true;
    });
    while (!done) await this.clock.advance(0);
    await proposing;
    this.log.push(...this.appended(by).slice(-1));
  }

  say(member: FakeMember, text: string): void {
    this.log.push(composeMessage(member.author, member.state, text));
  }

  /** Puts many messages on the log, by these authors in turn, composed on the state of one reader, who makes the keys that fall due. */
  async chat(reader: FakeMember, authors: readonly FakeMember[], count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      if (index > 0 && index % limits.freshKeyEntries === 0) {
        this.clock.sleep(limits.busyKeyAge);
        await this.rekey(reader);
        this.read(reader);
      }
      const author = authors[index % authors.length] ?? reader;
      const entry = composeMessage(author.author, { ...reader.state, me: author.fingerprint }, `message ${index + 1}`);
      this.log.push(entry);
      reader.take(applyEntry(reader.state, { seq: this.log.length, at: 0, entry }, trusting).state);
    }
  }

  /** Returns the entries that a member has appended. */
  appended({ user }: FakeMember): SignedEntry[] {
    return this.server.of('append', user).map(({ entry }) => entry);
  }
}
