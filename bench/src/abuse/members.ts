/** Attacks of a member on its room: entries that make all other members wait for a key, and knocks. */
import { randomBytes } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import {
  encodeFrame,
  encodePayload,
  entryDomain,
  FrameDecoder,
  type LoggedEntry,
  type Payload,
  type SignedEntry,
  wrapBytes,
} from '@chat/protocol';
import {
  type Author,
  applyEntry,
  composeInvite,
  composeJoin,
  composeKnock,
  composeLeave,
  composeRemove,
  createRoomCrypto,
  invitedOf,
  isMember,
  type RoomState,
  slotRecipients,
  slotsCommitment,
} from '@chat/room';
import { type Attack, type Attacker, attackersOf, type Target } from './attack.ts';
import { keepOpen, login, openSecure, sendRequest, writeOn } from './raw-connection.ts';

const crypto = createRoomCrypto();
const authorOf = ({ user, signer }: Attacker): Author => ({ user, signer, crypto, now: Date.now() });

/** The next entry for the room as it is now. */
interface Composed {
  readonly entry: SignedEntry;
}

type Compose = (author: Author, state: RoomState, target: Target) => Composed;

/** Follows the lobby, and appends one entry after the other: the next one as soon as the server has answered. */
class Member {
  readonly #attacker: Attacker;
  readonly #target: Target;
  readonly #compose: Compose;
  readonly #count: () => void;
  #state: RoomState;

  constructor(attacker: Attacker, target: Target, compose: Compose, count: () => void) {
    this.#attacker = attacker;
    this.#target = target;
    this.#compose = compose;
    this.#count = count;
    this.#state = attacker.lobby;
  }

  open(index: number): TLSSocket {
    const { ports } = this.#target;
    const socket = openSecure(this.#target, ports.chat, index, this.#attacker);
    const decoder = new FrameDecoder();
    const ready = (): void => {
      socket.on('data', (chunk: Buffer) => {
        for (const frame of decoder.push(chunk)) this.#read(socket, frame);
      });
      this.#follow(socket);
      this.#append(socket);
    };
    login({ target: this.#target, attacker: this.#attacker, socket, key: this.#attacker.signer, ready });
    return socket;
  }

  #follow(socket: TLSSocket): void {
    const { room, head } = this.#state;
    socket.write(encodeFrame({ id: 2, op: 'subscribe', room, after: head.seq }));
  }

  #append(socket: TLSSocket): void {
    if (socket.destroyed) return;
    this.#count();
    const { room } = this.#state;
    const { entry } = this.#compose(authorOf(this.#attacker), this.#state, this.#target);
    const cid = randomBytes(16).toString('hex');
    socket.write(encodeFrame({ id: 3, op: 'append', room, cid, entry }));
  }

  #read(socket: TLSSocket, frame: Record<string, unknown>): void {
    if (frame['re'] === 3) {
      // Who has joined again reads on from the position that is known; who has not reads nothing new.
      if ('ok' in frame) this.#follow(socket);
      setImmediate(() => this.#append(socket));
    } else if (frame['room'] === this.#state.room && 'seq' in frame) {
      const { push: _, room: __, ...item } = frame;
      this.#state = applyEntry(this.#state, item as unknown as LoggedEntry, crypto).state;
    }
  }
}

/** Composes an epoch whose key no member gets, because it has no wraps. */
function uselessEpoch({ user, signer, now }: Author, state: RoomState): Composed {
  const recipients = slotRecipients(state, 'fresh');
  const { room, head, epoch, membershipSeq } = state;
  const payload: Payload<'epoch'> = {
    v: 2,
    type: 'epoch',
    room,
    author: user,
    head,
    number: (epoch?.number ?? 0) + 1,
    previous: epoch?.hash ?? '0'.repeat(64),
    kind: 'fresh',
    reason: isUnanswered(state) ? 'membership' : 'lost-key',
    answers: membershipSeq,
    commitment: '0'.repeat(64),
    wraps: slotsCommitment(recipients, new Uint8Array(wrapBytes * recipients.length)),
    at: now,
  };
  const bytes = encodePayload(payload);
  const signature = signer.sign(entryDomain('epoch', room), bytes);
  return { entry: { type: 'epoch', payload: bytes, by: signer.fingerprint, signature } };
}

const isUnanswered = ({ membershipSeq, epoch }: RoomState): boolean => membershipSeq > (epoch?.answers ?? 0);

const falseEpoch: Compose = (author, state) => uselessEpoch(author, state);

const inviteOrWithdraw: Compose = (author, state, { outsider }) => ({
  entry: invitedOf(state).some(({ user }) => user === outsider.user)
    ? composeRemove(author, state, outsider.user)
    : composeInvite(author, state, { ...outsider, verified: false }),
});

/** Changes the members, and answers each change before the other members with a key that no member gets. */
const spoilKeys: Compose = (author, state, target) => {
  if (!isUnanswered(state)) return inviteOrWithdraw(author, state, target);
  return uselessEpoch(author, state);
};

const leaveOrJoin: Compose = (author, state) => ({
  entry: isMember(state, author.signer.fingerprint)
    ? composeLeave(author, state)
    : composeJoin(author, state.room, state.head.seq),
});

const byMember =
  (compose: Compose): Attack =>
  async (target, count) => {
    const [attacker] = await attackersOf(target);
    if (attacker === undefined) return;
    const member = new Member(attacker, target, compose, count);
    keepOpen(1, (index) => member.open(index));
  };

const knocks: Attack = async (target, count) => {
  const attackers = await attackersOf(target);
  const { door } = target;
  keepOpen(attackers.length, (index) => {
    const attacker = attackers[index] as Attacker;
    const socket = openSecure(target, target.ports.chat, index, attacker);
    const flood = () =>
      writeOn(socket, () => {
        sendRequest(socket, 'knock', { room: door, knock: composeKnock(authorOf(attacker), door) });
        count();
      });
    login({ target, attacker, socket, key: attacker.signer, ready: flood });
    return socket;
  });
};

/** The attacks by name, and the number of users who carry each out. */
export const members: readonly (readonly [string, Attack, number])[] = [
  ['epochs with a false reason', byMember(falseEpoch), 1],
  ['keys that open for no member', byMember(spoilKeys), 1],
  ['invite and withdraw in turns', byMember(inviteOrWithdraw), 1],
  ['leave and join in turns', byMember(leaveOrJoin), 1],
  ['knocks of five users', knocks, 5],
];
