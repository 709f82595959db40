/**
 * How the client reacts to an error code, for each task. The codes are those of the protocol and the few of the client and the
 * room package that matter here. A lost connection is no error of a task: the callers look for it first.
 */
import { type ErrorCode, ProtocolError } from '@chat/protocol';
import { RoomError } from '@chat/room';
import { type ClientErrorCode, explain } from './errors.ts';

/** What the client does after an error. */
export type Reaction =
  /** Emits no `trouble`. Tries the same again later; an enrolment keeps the identity for the caller's next attempt. */
  | 'retry'
  /** Renews the certificate, and tries again with the new one at once. */
  | 'renew'
  /** Tries again after a long pause, because the cause lasts: an attempt at once would only cause it again. */
  | 'retry-later'
  /** Emits `trouble` and tries the same again later. */
  | 'report-and-retry'
  /** Emits `trouble` or rejects, and does not try again on this connection. */
  | 'report'
  /** Does not try again, because another attempt gets the same answer. */
  | 'give-up'
  /** Goes on as after a success, because the aim of the request is reached or has become pointless. */
  | 'done'
  /** Forgets the room here and emits `trouble`, because the server does not carry the request out. */
  | 'forget'
  /** Asks another member, because this source cannot help. */
  | 'ask-others';

/** The tasks in which the client reacts to an error by itself. */
export type Task =
  /** Sends a message of the outbox. */
  | 'send'
  /** Leaves a room; `done`: the server does not count the user as a member. */
  | 'leave'
  /** Reads a room's log; `give-up`: the server denies the user access to the room. */
  | 'read'
  /** Connects and logs in. */
  | 'connect'
  /** Enrols a new identity; `give-up`: the server has not bound the user name to the identity. */
  | 'enrol'
  /** Makes the next epoch as the hub. */
  | 'make-key'
  /** Fetches a wrap from the server. */
  | 'fetch-key'
  /** Asks a member for a key. */
  | 'request-key'
  /** Answers a member's key request. */
  | 'answer-key'
  /** Sends a heartbeat. The next one follows in any case. */
  | 'heartbeat'
  /** Withdraws an invitation that has ended; `done`: there is nothing to withdraw; `retry`: in an hour. */
  | 'withdraw'
  /** Gives the room of an invitation the user's renewed key; `done`: the room has it, or the invitation has ended. */
  | 'renew-invitation'
  /** Gives entries back that the server has lost; `give-up`: the server's log is another one; `done`: the connection is lost. */
  | 'give-back';

interface TaskRule {
  /** The reaction to a code whose row does not name the task. */
  readonly otherwise: Reaction;
  /** The errors whose codes count. All others mean that the outcome is unknown, and get the reaction `unknown`. */
  readonly counts?: (error: unknown) => boolean;
  readonly unknown?: Reaction;
}

const isFromServer = (error: unknown): boolean => error instanceof ProtocolError;

const rules: Readonly<Record<Task, TaskRule>> = {
  send: {
    otherwise: 'give-up',
    counts: (error) => isFromServer(error) || error instanceof RoomError,
    unknown: 'retry',
  },
  leave: { otherwise: 'report', counts: isFromServer, unknown: 'report' },
  read: { otherwise: 'report-and-retry' },
  connect: { otherwise: 'retry' },
  enrol: { otherwise: 'retry', counts: isFromServer, unknown: 'retry' },
  'make-key': { otherwise: 'report-and-retry' },
  'fetch-key': { otherwise: 'report-and-retry' },
  'request-key': { otherwise: 'report' },
  'answer-key': { otherwise: 'report', counts: isFromServer, unknown: 'report' },
  heartbeat: { otherwise: 'report', counts: isFromServer, unknown: 'done' },
  withdraw: {
    otherwise: 'report-and-retry',
    counts: (error) => isFromServer(error) || error instanceof RoomError,
    unknown: 'retry',
  },
  'renew-invitation': { otherwise: 'report-and-retry', counts: isFromServer, unknown: 'retry' },
  'give-back': { otherwise: 'report', counts: isFromServer, unknown: 'done' },
};

type Row = Readonly<Partial<Record<Task, Reaction>>>;

/** Every task goes by its `otherwise`. */
const byDefault: Row = {};

/** The server does not count the user as a member. */
const outOfRoom: Row = {
  leave: 'done',
  read: 'give-up',
  'fetch-key': 'ask-others',
  'request-key': 'give-up',
  heartbeat: 'done',
  withdraw: 'done',
  'renew-invitation': 'done',
};

/** The reactions to each code; exported for the test that every code of the protocol has a row. */
export const reactions: Readonly<
  Record<
    | ErrorCode
    | Extract<ClientErrorCode, 'timed-out' | 'wrong-authority' | 'enrolment-lost' | 'renewal-unfinished' | 'not-stored'>
    | 'no-key',
    Row
  >
> = {
  // the frame or request itself
  'malformed-frame': byDefault,
  'frame-too-long': byDefault,
  'malformed-request': byDefault,
  'unknown-operation': byDefault,
  'unsupported-version': { connect: 'give-up', enrol: 'give-up' },
  'not-now': byDefault,
  // identity
  'login-refused': { connect: 'give-up' },
  'used-elsewhere': { connect: 'give-up' },
  'certificate-refused': { connect: 'renew' },
  'certificate-superseded': { connect: 'renew' },
  'key-renewed': { connect: 'give-up', enrol: 'give-up' },
  // The author of an entry that is given back has renewed the key, which the server has lost too.
  'unknown-user': { connect: 'give-up', 'give-back': 'retry-later' },
  'user-name-taken': { enrol: 'give-up' },
  'enrolment-closed': { enrol: 'give-up' },
  'invitation-required': { enrol: 'give-up' },
  'invitation-refused': { enrol: 'give-up' },
  'certificate-request-refused': { connect: 'give-up', enrol: 'give-up' },
  'access-revoked': { connect: 'give-up', enrol: 'give-up' },
  'prekey-refused': byDefault,
  'wrong-authority': { connect: 'give-up' },
  'enrolment-lost': { connect: 'give-up' },
  'renewal-unfinished': { connect: 'give-up' },
  'not-stored': { 'make-key': 'retry' },
  // rooms
  'unknown-room': outOfRoom,
  'room-deleted': { ...outOfRoom, 'give-back': 'ask-others', 'make-key': 'done' },
  'room-name-taken': byDefault,
  'not-a-member': { ...outOfRoom, 'give-back': 'ask-others' },
  'already-a-member': { 'renew-invitation': 'done' },
  'recovery-refused': byDefault,
  'no-recovery': byDefault,
  'recovery-full': byDefault,
  'recovery-outdated': byDefault,
  'no-knock': byDefault,
  'room-full': byDefault,
  'not-invited': byDefault,
  'invitation-expired': byDefault,
  // The user has joined just before.
  'entry-refused': { leave: 'forget', withdraw: 'done' },
  // what the author saw of the log: reading on brings the client up to date
  'stale-view': { send: 'retry', 'make-key': 'retry', leave: 'forget', withdraw: 'retry' },
  'other-log': { leave: 'forget', 'give-back': 'give-up' },
  // roles and removals
  removed: outOfRoom,
  'unknown-member': { 'make-key': 'retry', 'request-key': 'ask-others', 'answer-key': 'done', withdraw: 'done' },
  'not-allowed': { 'answer-key': 'done', withdraw: 'done' },
  // epochs
  'stale-epoch': { send: 'retry', 'request-key': 'give-up' },
  'rekey-pending': { send: 'retry' },
  'no-key': { send: 'retry' },
  'epoch-conflict': { 'make-key': 'done', 'request-key': 'give-up' },
  'wraps-mismatch': { 'make-key': 'retry' },
  'no-wrap': { 'fetch-key': 'ask-others' },
  // The asked member opens another link and answers once more.
  'unknown-link': { 'answer-key': 'retry' },
  'not-online': { 'request-key': 'ask-others' },
  'timed-out': { 'request-key': 'ask-others' },
  // blobs: transfers have a policy of their own (files/move-file.ts)
  'unknown-blob': byDefault,
  'blob-mismatch': byDefault,
  'blob-incomplete': byDefault,
  'user-storage-full': byDefault,
  // the server's state
  'rate-limited': {
    send: 'retry',
    read: 'retry',
    'give-back': 'retry',
    connect: 'retry-later',
    heartbeat: 'done',
    withdraw: 'retry',
  },
  'server-full': { send: 'retry', connect: 'retry-later', heartbeat: 'done', withdraw: 'retry' },
  'connection-replaced': { send: 'retry', connect: 'retry-later', heartbeat: 'done', withdraw: 'retry' },
  // For a key: the server lets another member make the next one. A message waits until the budget has grown.
  'limit-reached': { send: 'retry', 'make-key': 'retry', heartbeat: 'done', withdraw: 'retry' },
  'storage-full': { send: 'retry', 'give-back': 'retry', heartbeat: 'done' },
  'room-storage-full': { send: 'retry' },
  'store-damaged': { send: 'retry', 'give-back': 'retry', connect: 'retry-later', heartbeat: 'done' },
  stopping: { send: 'retry', heartbeat: 'done', withdraw: 'retry' },
  internal: { send: 'retry', 'give-back': 'retry', heartbeat: 'done', withdraw: 'retry' },
};

/** Returns how the client reacts when a task fails with this error. */
export function reactionTo(task: Task, error: unknown): Reaction {
  const { otherwise, counts, unknown = otherwise } = rules[task];
  if (counts !== undefined && !counts(error)) return unknown;
  const { code } = explain(error);
  return (Object.hasOwn(reactions, code) ? reactions[code as keyof typeof reactions][task] : undefined) ?? otherwise;
}
