/** Bounds of what users do in rooms, and of the keys that their clients exchange. The server refuses one more, unless `help` says otherwise. */
import { limits } from '@chat/protocol';
import { type LimitTable, minuteMs, secondMs } from './limit.ts';

/** The bounds of rooms and keys. */
export const roomLimits = {
  // Members accept no more, so a server cannot allow more.
  roomMembers: {
    standard: limits.roomMembers,
    range: [2, limits.roomMembers],
    help: 'Members and invited users of one room. A room that has more keeps them.',
  },
  roomsCreatedPerHour: {
    standard: 60,
    range: [1, 100_000],
    help: 'Rooms in an hour that one user may create.',
  },
  joinsPerHour: {
    standard: 240,
    range: [1, 100_000],
    help: 'Joins of one user in an hour, in all rooms.',
  },
  // Each leave stops messages until the key has changed. A user leaves and joins by mistake once or twice, not six times an hour.
  roomJoinsPerHour: {
    standard: 6,
    range: [1, 100_000],
    help: 'Joins of one user in one room in an hour, after the first join-burst.',
  },
  joinBurst: {
    standard: 5,
    range: [1, 100_000],
    help: 'Joins of one user in one room that are allowed at once.',
  },
  // Enough to fill a room.
  invitesPerHour: {
    standard: 1_000,
    range: [1, 1_000_000],
    help: 'Invitations to rooms by one user in an hour, in all rooms.',
  },
  roomInvitesPerHour: {
    standard: 60,
    range: [1, 100_000],
    help: 'Invitations by one user to one room in an hour, after the first room-invite-burst.',
  },
  // They fill a large room.
  roomInviteBurst: {
    standard: 250,
    range: [1, 100_000],
    help: 'Invitations by one user to one room that are allowed at once.',
  },
  // Each departure makes messages wait for the next key. An owner who tidies a room rarely removes more than that at a time.
  decisionsPerHour: {
    standard: 30,
    range: [1, 100_000],
    help: 'Removals, readmissions and roles by one user in one room in an hour, after the first decision-burst.',
  },
  decisionBurst: {
    standard: 100,
    range: [1, 100_000],
    help: 'Removals, readmissions and roles by one user in one room that are allowed at once.',
  },
  // Any member may invite and withdraw in turns.
  withdrawalsPerHour: {
    standard: 12,
    range: [1, 100_000],
    help: 'Invitations to one room that one user may withdraw in an hour, after the first withdrawal-burst.',
  },
  withdrawalBurst: {
    standard: 20,
    range: [1, 100_000],
    help: 'Invitations to one room that one user may withdraw at once.',
  },
  // Epochs that leave out a user whose prekey the server has count, too. A lost key and a wrong clock cost one each.
  unforcedEpochsPerHour: {
    standard: 2,
    range: [1, 1_000],
    help: 'Keys for one room in an hour that one user makes without need.',
  },
  knocksPerHour: {
    standard: 60,
    range: [1, 100_000],
    help: 'Knocks of one user in an hour, at all rooms.',
  },
  // Each goes to all members who follow the room, and each of their clients verifies a signature. A knock waits for two weeks.
  roomKnocksPerHour: {
    standard: 6,
    range: [1, 100_000],
    help: 'Knocks of one user at one room in an hour, after the first room-knock-burst.',
  },
  roomKnockBurst: {
    standard: 3,
    range: [1, 1_000],
    help: 'Knocks of one user at one room that are allowed at once.',
  },
  // A connected client makes one an hour. Each costs a signature check and a write.
  prekeysPerHour: {
    standard: 60,
    range: [2, 100_000],
    help: 'New prekeys of one user in an hour; a client makes one.',
  },
  // 16 to each member of a room of the largest size. Each takes 1,250 bytes until its recipient has fetched it.
  linksPerDay: {
    standard: 100_000,
    range: [1_000, 100_000_000],
    help: 'Links to other users that one user may open in a day, after the first link-burst.',
  },
  // A request has up to 50 openings.
  linkBurst: {
    standard: 6_000,
    range: [50, 1_000_000],
    help: 'Links that one user may open at once: one for each other member of a room.',
  },
  // 17 a day, for as long as the server keeps them.
  waitingLinks: {
    standard: 512,
    range: [16, 100_000],
    help: 'Openings of links by one user that wait for one recipient.',
  },
  // A client sends one. Each goes to all members who follow the room.
  heartbeatsSentPerMinute: {
    standard: 4,
    range: [2, 1_000],
    help: 'Heartbeats of one user to one room in a minute; a client sends one.',
  },
  keysAskedPerMinute: {
    standard: 60,
    range: [3, 100_000],
    help: 'Requests of one user in a minute for one key of a room.',
  },
  // For 200 keys. A member that makes keys which open for no other member makes the others ask for each.
  keysAskedInAllPerMinute: {
    standard: 600,
    range: [3, 1_000_000],
    help: 'Requests of one user in a minute for keys of all rooms.',
  },
  keyAnswerTimeoutMs: {
    standard: 60 * secondMs,
    range: [10 * secondMs, 10 * minuteMs],
    help: 'Time for the answer to such a request. The server refuses a later one.',
  },
} as const satisfies LimitTable;
