/** What a room's log needs of its server. */
import type { RoomId, UserName } from '@chat/protocol';
import type { ChainJudge } from '../identity/key-chain.ts';
import type { Log } from '../ports/log.ts';
import type { Maintenance } from '../ports/maintenance.ts';
import type { PrekeyStore } from '../ports/prekey-store.ts';
import type { RoomStore } from '../ports/room-store.ts';
import type { DamageLog } from './damage/damage-log.ts';
import type { InvitationNotice } from './room-listener.ts';
import type { StoreTrouble } from './store-trouble.ts';

/** Options of `RoomLog`. `clock` returns milliseconds. */
export interface RoomLogOptions {
  readonly store: RoomStore & Pick<PrekeyStore, 'findPrekeys'> & Pick<Maintenance, 'deleteRoom'>;
  /** Judges the renewals of identity keys. */
  readonly judgeChain: ChainJudge;
  readonly clock: () => number;
  readonly log: Log;
  /** Gets the damaged entries that are found while they are read. */
  readonly damage: DamageLog;
  readonly trouble: StoreTrouble;
  /** Gets the id of each room to which a user or the server appends an entry. */
  readonly wentOn: Set<RoomId>;
  /** Called once for every invitation, when it is durable. MUST NOT throw. */
  readonly invited: (user: UserName, notice: InvitationNotice) => void;
}
