/** Builds the view model of one room from its stored state. */
import type { Identity, UserName } from '@chat/protocol';
import {
  currentSecret,
  hubOf,
  invitedOf,
  isInvitationPending,
  isRemovalPending,
  membersOf,
  type RoomEvent,
  type RoomState,
} from '@chat/room';
import { markOf } from '../attention/client-attention.ts';
import { unreadView } from '../attention/read-mark.ts';
import type { ClientContext } from '../context.ts';
import { type ConnectedMembers, connectedCount, type Hearing } from '../freshness/hearing.ts';
import type { StoredRoom } from '../storage/stored-state.ts';
import type { LatestMessage, RoomView } from '../view.ts';
import type { OwnMembership } from './own-membership.ts';

/** Returns where and when the latest message is, after these were read: during a second reading they are earlier ones. */
export function later(before: LatestMessage | undefined, read: readonly LatestMessage[]): LatestMessage | undefined {
  const last = read.at(-1);
  return last === undefined || (before !== undefined && before.seq > last.seq)
    ? before
    : { seq: last.seq, at: last.at, user: last.user };
}

/** Returns the user whose entry has caused an event; null for a violation, and for the operator. */
export function authorOfEvent(event: RoomEvent): UserName | null {
  if (event.kind === 'revoked' || event.kind === 'violation') return null;
  return 'by' in event ? event.by : 'user' in event ? event.user : null;
}

/** Returns the other user of a direct room, joined or invited; null in other rooms, and if there is no other user any more. */
export function peerOf(state: RoomState): UserName | null {
  return state.policy?.join === 'direct' ? (othersIn(state)[0]?.user ?? null) : null;
}

/** Returns the members and invited users without the local user. */
export const othersIn = (state: RoomState): readonly Identity[] =>
  [...membersOf(state), ...invitedOf(state)].filter(({ fingerprint }) => fingerprint !== state.me);

/** Returns a function that calls `make` when it is first called, and returns that value from then on. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** What a room's view needs beside the stored room. */
export interface RoomViewInput {
  readonly context: Pick<ClientContext, 'pins' | 'attention'>;
  /** The connected members, by the server's word. */
  readonly connected: ConnectedMembers;
  readonly caughtUp: boolean;
  readonly membership: Pick<OwnMembership, 'isRemoved' | 'isDeleted' | 'isDenied' | 'isLeaving' | 'hasLeft'>;
  readonly heard: Pick<Hearing, 'lastHeard'>;
}

/** Returns the view model of a room. */
export function roomView(
  stored: StoredRoom,
  { context, connected, caughtUp, membership, heard }: RoomViewInput,
): RoomView {
  const { state } = stored;
  const { pins, attention } = context;
  // Made when they are read: most of what asks for a view needs neither the members nor what is unread, of which there may be thousands.
  const members = once(() => {
    const hub = hubOf(state, connected.online);
    const online = new Set(connected.online);
    return membersOf(state).map(({ user, fingerprint, role }) => ({
      user,
      fingerprint,
      role,
      online: online.has(user),
      heardAt: fingerprint === state.me ? null : heard.lastHeard(fingerprint),
      hub: hub?.fingerprint === fingerprint,
      me: fingerprint === state.me,
      verified: pins.isVerified({ user, fingerprint }),
    }));
  });
  const invited = once(() =>
    invitedOf(state).map(({ user, fingerprint, by }) => ({
      user,
      fingerprint,
      by: state.members.get(by)?.user ?? null,
      verified: pins.isVerified({ user, fingerprint }),
    })),
  );
  const unread = once(() =>
    unreadView(markOf(stored), {
      isDirect: state.policy?.join === 'direct',
      isIgnored: (user) => attention.isIgnored(user),
    }),
  );
  return {
    roomId: state.room,
    roomName: stored.name,
    policy: state.policy,
    // The other user is named by the room in which the two are now.
    peer: membership.hasLeft ? null : (stored.peer ?? null),
    get members() {
      return members();
    },
    connected: connectedCount(state, connected),
    get invited() {
      return invited();
    },
    epoch: state.epoch?.number ?? 0,
    hasKey: currentSecret(state) !== null,
    rekeying: isRemovalPending(state) || isInvitationPending(state),
    caughtUp,
    removed: membership.isRemoved || membership.isDeleted,
    deleted: membership.isDeleted,
    denied: membership.isDenied,
    leaving: membership.isLeaving,
    left: membership.hasLeft,
    unsent: stored.outbox.length,
    latest: stored.latest ?? null,
    get unread() {
      return unread();
    },
    notify: stored.notify ?? null,
  };
}
