/** The knocks at one room. Each is reported once. */
import { type Identity, limits, type RoomId, type RoomName, type SignedKnock, type UserName } from '@chat/protocol';
import { type RoomState, readKnock } from '@chat/room';
import type { ClientContext } from '../context.ts';
import { explain, isDisconnection } from '../errors.ts';
import { ReportedIds } from '../intake-bounds.ts';

/** Returns the user who knocks; null if the knock is not signed by that user for this room. */
export function knockerOf({ crypto }: ClientContext, state: RoomState, knock: SignedKnock): Identity | null {
  const knocker = readKnock(state, knock, crypto);
  return knocker === null ? null : { user: knocker.user, fingerprint: knocker.fingerprint };
}

/** Knocks that are reported of one room on one connection: four times as many as a server keeps. */
const maxReported = 4 * limits.knocksPerRoom;

/** Reports the knocks at one room. */
export class KnockWatch {
  readonly #context: ClientContext;
  readonly #place: { readonly roomId: RoomId; readonly roomName: RoomName };
  readonly #reported = new ReportedIds(maxReported);

  constructor(context: ClientContext, place: { readonly roomId: RoomId; readonly roomName: RoomName }) {
    this.#context = context;
    this.#place = place;
  }

  /** Takes a knock that the server sent. */
  receive(state: RoomState, knock: SignedKnock): void {
    if (this.#reported.has(knock.signature)) return;
    const knocker = knockerOf(this.#context, state, knock);
    const reporting = knocker === null ? 'known' : this.#reported.note(knock.signature);
    if (knocker !== null && reporting === 'new') {
      const { emit, pins } = this.#context;
      emit({ kind: 'knock', ...this.#place, ...knocker, verified: pins.isVerified(knocker) });
    }
    if (reporting === 'too-many') {
      const reason = `More than ${maxReported} users have knocked at one of your rooms since you connected: no more are reported before you connect again. The list of knocks shows those whom the server keeps.`;
      this.#context.emit({ kind: 'trouble', code: 'too-many-reports', reason });
    }
  }

  /** Takes the server's word that a member has dismissed a knock. What the local user does is no news. */
  dismissed(user: UserName, by: UserName): void {
    const { user: me, emit } = this.#context;
    if (by !== me) emit({ kind: 'knock-dismissed', ...this.#place, user, by });
  }

  /** Asks the server for the knocks that came while this client was away. To be called once the room is caught up. */
  async review(state: RoomState): Promise<void> {
    if (state.policy?.join !== 'invite' && state.policy?.join !== 'verified') return;
    this.#reported.renew();
    try {
      const { knocks } = await this.#context.request('list-knocks', { room: state.room });
      for (const knock of knocks) this.receive(state, knock);
    } catch (error) {
      if (!isDisconnection(error)) this.#context.emit({ kind: 'trouble', ...explain(error) });
    }
  }
}
