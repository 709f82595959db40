/** Keeps what the events of one room say, and reports them to the user. */
import type { RoomId, RoomName } from '@chat/protocol';
import { isReadMessage, isSpoken, type RoomEvent, type RoomState } from '@chat/room';
import { markOf } from '../../attention/client-attention.ts';
import { markAfter } from '../../attention/read-mark.ts';
import type { ClientContext } from '../../context.ts';
import type { StoredRoom } from '../../storage/stored-state.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { authorOfEvent, later } from '../room-view.ts';
import type { Referred, SaidMessages } from './said-messages.ts';

/** The room of the events. */
export interface ReportingRoom {
  readonly roomId: RoomId;
  readonly roomName: RoomName;
  readonly state: Pick<RoomState, 'since'>;
  readonly stored: Pick<StoredRoom, 'latest' | 'mark'>;
  keep(changed: Partial<StoredRoom>): void;
  readonly said: SaidMessages;
  readonly outbox: Pick<Outbox, 'delivered'>;
  readonly isCaughtUp: boolean;
}

/** How events were read. */
export interface HowRead {
  /** The name under which messages are kept that are read now. */
  readonly name: string;
  /** The messages to which the events refer. */
  readonly referred?: Referred | undefined;
  /** True for messages whose key came late, and changes of them. */
  readonly late?: true;
}

/** Keeps what events say, reports them, and takes the user's own messages out of the outbox. */
export function report(
  { user, emit, saveSoon }: Pick<ClientContext, 'user' | 'emit' | 'saveSoon'>,
  room: ReportingRoom,
  events: readonly RoomEvent[],
  { name, referred, ...how }: HowRead,
): void {
  const { roomId, roomName, isCaughtUp } = room;
  const said = room.said.take(events, name, referred);
  const { since } = room.state;
  // A deletion counts also if its message is not kept. An edit that is older than another one counts for nothing.
  const valid = new Set(said.events);
  const marking = events.filter((event) => event.kind !== 'edited' || valid.has(event));
  room.keep({
    latest: later(room.stored.latest, events.filter(isSpoken)),
    mark: markAfter(markOf(room.stored), marking, { me: user, since, late: how.late }),
  });
  saveSoon();
  for (const event of said.events) {
    const mine = authorOfEvent(event) === user;
    emit({ kind: 'room', roomId, roomName, event, mine, live: isCaughtUp, ...how, ...said.about(event) });
  }
  for (const event of events) {
    const isMessage = isReadMessage(event) || event.kind === 'unreadable';
    // By the name: what was sent with the key before a renewal is delivered, too.
    if (isMessage && event.user === user) room.outbox.delivered(event.hash, event.seq);
  }
}
