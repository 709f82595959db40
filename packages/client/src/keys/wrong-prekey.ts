/** The server did not show a member's prekey as they signed it, or showed an old one: no key is wrapped to it, and it is told. */
import type { RoomId, RoomName, UserName } from '@chat/protocol';
import type { RoomState } from '@chat/room';
import type { ClientContext } from '../context.ts';

interface Place {
  readonly roomId: RoomId;
  readonly roomName: RoomName;
  readonly state: RoomState;
}

export function tellWrongPrekeys(
  { emit }: Pick<ClientContext, 'emit'>,
  { roomId: room, roomName: name, state }: Place,
  users: readonly UserName[],
): void {
  const { seq } = state.head;
  for (const user of users) {
    const event = { kind: 'violation', code: 'wrong-prekey', seq, user } as const;
    emit({ kind: 'room', roomId: room, roomName: name, event, mine: false, live: true });
  }
}
