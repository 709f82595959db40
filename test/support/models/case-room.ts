/** Rooms for the tables of `models/cases.json` that concern members and keys. */
import type { Payload } from '@chat/protocol';
import { isInvitationPending, isRekeyPending, isRemovalPending, type RoomState } from '@chat/room';
import { expect } from 'vitest';
import { ComparedRoom, concerning, noWrapsFor, people, type RoomUser, sign, type Verdicts } from '../compared-room.ts';

/** The users of these rooms. Alice has created each one. */
export const [alice, bob, carol, dave] = people as [RoomUser, RoomUser, RoomUser, RoomUser];
/** Why an epoch was made. */
export type Reason = Payload<'epoch'>['reason'];

/** An open room of Alice and Bob, in which both sides judge each entry. */
export class CaseRoom {
  readonly compared = new ComparedRoom(alice, { join: 'open', history: 'since-join' });

  constructor() {
    this.join(bob);
  }

  get readers(): RoomState {
    return this.compared.readers;
  }

  put(author: RoomUser, payload: Parameters<typeof sign>[2]): Verdicts {
    return this.compared.append(author, sign(author.signer, this.compared.room, payload));
  }

  #placed(author: RoomUser) {
    const { room } = this.compared;
    return { v: 1, room, at: 0, author: author.user, head: this.compared.viewBehind(0) } as const;
  }

  join(who: RoomUser): Verdicts {
    const { head, ...placed } = this.#placed(who);
    return this.put(who, { ...placed, type: 'join', key: who.key, after: head.seq });
  }

  leave(who: RoomUser): Verdicts {
    return this.put(who, { ...this.#placed(who), type: 'leave' });
  }

  decline(who: RoomUser): Verdicts {
    const { head, ...placed } = this.#placed(who);
    return this.put(who, { ...placed, type: 'decline', after: head.seq });
  }

  invite(who: RoomUser): Verdicts {
    return this.put(alice, {
      ...this.#placed(alice),
      type: 'invite',
      ...concerning(who),
      key: who.key,
      verified: false,
    });
  }

  remove(who: RoomUser): Verdicts {
    return this.put(alice, { ...this.#placed(alice), type: 'remove', ...concerning(who) });
  }

  message(epoch: number): Verdicts {
    const { head } = this.#placed(alice);
    return this.put(alice, { type: 'message', epoch, head, token: new Uint8Array(4) });
  }

  epoch(fields: Partial<Payload<'epoch'>> = {}): Verdicts {
    const { epoch, membershipSeq } = this.readers;
    const reason: Reason = isRekeyPending(this.readers) ? 'membership' : 'age';
    return this.put(alice, {
      ...this.#placed(alice),
      v: 2,
      type: 'epoch',
      number: (epoch?.number ?? 0) + 1,
      previous: epoch?.hash ?? '0'.repeat(64),
      kind: 'fresh',
      reason,
      answers: membershipSeq,
      commitment: '0'.repeat(64),
      wraps: noWrapsFor(this.readers, fields.kind === 'step' ? epoch?.answers : 0),
      ...fields,
    });
  }
}

/** Returns how the latest epoch stands to the members, as the functions of the room say. */
export function standingOf(state: RoomState): string {
  if (state.epoch === null) return 'none';
  if (isRemovalPending(state)) return 'departed';
  if (isInvitationPending(state)) return 'invited';
  return isRekeyPending(state) ? 'joined' : 'answered';
}

/** Returns a room whose latest epoch is the second one and stands so to the members. Carol has come since, if anyone has. */
export function roomIn(standing: string | undefined): CaseRoom {
  const room = new CaseRoom();
  if (standing === 'none') return room;
  room.epoch();
  room.epoch();
  room.message(2);
  if (standing === 'invited') room.invite(carol);
  if (standing !== 'answered') room.join(carol);
  if (standing === 'departed') room.leave(bob);
  expect(standingOf(room.readers)).toBe(standing);
  return room;
}
