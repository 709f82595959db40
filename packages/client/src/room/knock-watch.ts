/** Who asks to be let into one room: each knock is told once. */
import type { SignedKnock } from '@chat/protocol';
import { type RoomState, readKnock } from '@chat/room';
import { type ClientContext, explain, isDisconnection } from '../context.ts';
import type { KnockView } from '../view.ts';

export class KnockWatch {
  readonly #context: ClientContext;
  readonly #tell: (knock: KnockView) => void;
  readonly #told = new Set<string>();

  constructor(context: ClientContext, tell: (knock: KnockView) => void) {
    this.#context = context;
    this.#tell = tell;
  }

  knocked(state: RoomState, knock: SignedKnock): void {
    const knocker = readKnock(state, knock, this.#context.crypto);
    if (knocker === null || this.#told.has(knock.signature)) return;
    this.#told.add(knock.signature);
    const { user, fingerprint } = knocker;
    this.#tell({ user, fingerprint });
  }

  /** Who knocked while this user was away. To be called once the room is caught up. */
  async review(state: RoomState): Promise<void> {
    if (state.policy?.join !== 'invite' && state.policy?.join !== 'verified') return;
    try {
      const { knocks } = await this.#context.request('list-knocks', { room: state.room });
      for (const knock of knocks) this.knocked(state, knock);
    } catch (error) {
      if (!isDisconnection(error)) this.#context.emit({ kind: 'trouble', ...explain(error) });
    }
  }
}
