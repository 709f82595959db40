/** When a member makes the next key: on a clock of the test's own, without a server. */
import { limits, type RequestOf, type SignedEntry, type Wrap } from '@chat/protocol';
import {
  acceptWrap,
  applyEntry,
  composeCreate,
  composeEpoch,
  composeJoin,
  composeMessage,
  createRoomCrypto,
  emptyRoom,
  noteKeySeen,
  type RoomState,
} from '@chat/room';
import { generateSigner } from '@chat/signatures';
import { beforeEach, expect, test } from 'vitest';
import type { ClientContext } from '../src/context.ts';
import { HubDuty, type HubRoom } from '../src/hub-duty.ts';
import { Pins } from '../src/pins.ts';
import { Clock } from './clock.ts';

const crypto = createRoomCrypto();
const day = limits.freshKeyAge;

let clock: Clock;
let log: SignedEntry[];
let wraps: Map<string, string>;
let ada: Member;
let bob: Member;

function keep({ number, wraps: put }: { readonly number: number; readonly wraps: readonly Wrap[] }): void {
  for (const { to, envelope } of put) wraps.set(`${number} ${to}`, envelope);
}

/** A member with nothing but their duty: what they would append is kept, not delivered. */
class Member {
  readonly signer = generateSigner();
  readonly prekey = crypto.newPrekey();
  readonly appended: SignedEntry[] = [];
  readonly room: HubRoom & { state: RoomState; mayAct: boolean };
  readonly duty: HubDuty;
  readonly user: string;

  constructor(user: string) {
    this.user = user;
    const room = {
      state: emptyRoom('0'.repeat(64), this.signer.fingerprint),
      online: ['ada', 'bob'],
      mayAct: true,
      propose(state: RoomState) {
        room.state = state;
      },
    };
    this.room = room;
    const context: ClientContext = {
      user,
      signer: this.signer,
      crypto,
      scheduler: clock,
      pins: new Pins({}),
      request: async (operation, fields) => {
        if (operation === 'append') this.appended.push((fields as RequestOf<'append'>).entry);
        if (operation === 'put-wraps') keep(fields as RequestOf<'put-wraps'>);
        return {} as never;
      },
      save: async () => {},
      saveSoon: () => {},
      emit: () => {},
    };
    this.duty = new HubDuty(context, room);
  }

  get author() {
    return { user: this.user, signer: this.signer, crypto, now: clock.now() };
  }

  /** Reads on, as a session would. */
  read(): void {
    for (const [index, entry] of log.entries()) {
      if (index < this.room.state.head.seq) continue;
      const { state, events } = applyEntry(this.room.state, { seq: index + 1, at: 0, entry }, crypto);
      const [event] = events;
      const wanted = event?.kind === 'epoch' && event.key === 'wanted' ? event.number : null;
      const wrap = wanted === null ? undefined : wraps.get(`${wanted} ${this.signer.fingerprint}`);
      const taken = wrap && wanted ? acceptWrap(state, wanted, wrap, [this.prekey], crypto).state : state;
      this.room.state = taken;
    }
    this.room.state = noteKeySeen(this.room.state, clock.now());
    this.duty.review();
  }
}

beforeEach(() => {
  clock = new Clock();
  wraps = new Map();
  [ada, bob] = [new Member('ada'), new Member('bob')];
  const policy = { join: 'open', history: 'since-join' } as const;
  const { room, entry } = composeCreate(ada.author, 'lobby', policy, ada.prekey);
  for (const { room: kept, signer } of [ada, bob]) kept.state = emptyRoom(room, signer.fingerprint);
  log = [entry, composeJoin(bob.author, room, 1, bob.prekey.publicKey)];
  for (const member of [ada, bob]) {
    member.room.mayAct = false;
    member.read();
    member.room.mayAct = true;
  }
  const epoch = composeEpoch(ada.author, ada.room.state);
  ada.room.state = epoch.state;
  keep({ number: 1, wraps: epoch.wraps });
  log.push(epoch.entry);
});

const reasonOf = (entry: SignedEntry | undefined) => entry && JSON.parse(entry.payload).reason;

test('a key that was used for a day is changed at that time, though nothing else happens', async () => {
  ada.read();
  log.push(composeMessage(ada.author, ada.room.state, 'used'));
  ada.read();
  await clock.advance(day - 1);
  expect(ada.appended).toEqual([]);
  await clock.advance(1);
  expect(ada.appended.map(reasonOf)).toEqual(['age']);
  // Until the log shows it, it is not made again.
  ada.duty.review();
  await clock.advance(day);
  expect(ada.appended).toHaveLength(1);
});

test('the first of those online acts, the next one only if they do not', async () => {
  for (const member of [ada, bob]) member.read();
  log.push(composeMessage(ada.author, ada.room.state, 'used'));
  for (const member of [ada, bob]) member.read();
  await clock.advance(day);
  expect([ada.appended.length, bob.appended.length]).toEqual([1, 0]);
  await clock.advance(3_000);
  expect(bob.appended.map(reasonOf)).toEqual(['age']);
});

test('when the first has acted, the next one leaves it at that', async () => {
  for (const member of [ada, bob]) member.read();
  log.push(composeMessage(ada.author, ada.room.state, 'used'));
  for (const member of [ada, bob]) member.read();
  await clock.advance(day);
  log.push(...ada.appended);
  for (const member of [ada, bob]) member.read();
  await clock.advance(20_000);
  expect(bob.appended).toEqual([]);
});

test('nothing waits once the connection is lost', () => {
  ada.read();
  log.push(composeMessage(ada.author, ada.room.state, 'used'));
  ada.read();
  expect(clock.waiting).toBe(1);
  ada.duty.reset();
  expect(clock.waiting).toBe(0);
});
