/**
 * The sentence for each error code of the client, the room, the server and the system: what happened and what to do. A code
 * whose own message says more than is known here (an address, a file) has no sentence; its message is shown.
 */
import { codeOf, limits } from '@chat/protocol';
import { sanitiseLine } from '@chat/safe-text';
import { CommandError } from '../command-error.ts';

/** What an error is about, as far as it is known: names for the sentence. */
export interface ErrorContext {
  /** `host:port`. */
  readonly server?: string;
  /** The local user. */
  readonly user?: string;
  /** The title of a room. */
  readonly room?: string;
  /** Another user whom the command names. */
  readonly otherUser?: string;
}

type Sentence = (about: {
  readonly server: string;
  readonly user: string;
  readonly room: string;
  /** Null when the command names no other user. */
  readonly otherUser: string | null;
  /** The error's own message, safe to print. */
  readonly message: string;
}) => string;

const maxMessageKib = limits.messageTextBytes / 1024;

const sentences: Readonly<Record<string, Sentence>> = {
  // the connection
  'certificate-refused': ({ server }) =>
    `${server} refused your certificate: check the clock of this machine, then ask the operator of the server whether your access was revoked.`,
  'certificate-superseded': ({ server, user }) =>
    `${server} has issued newer certificates for ${user} than the one here, and a renewal did not help: end other copies of this profile, then try again in an hour.`,
  offline: () => 'There is no connection to the server: wait for "connected", then try again.',
  closed: () => 'The client was closed before this was done: start it again.',
  stopping: ({ server }) => `${server} is shutting down: try again in a moment.`,
  'rate-limited': ({ server }) =>
    `${server} refused this because you sent too much at once: wait a little, then try again.`,
  'storage-full': ({ server }) =>
    `${server} has no space for messages, so it stores none: what you write waits here and is sent when there is space again. Ask the operator of the server to free some.`,
  'room-storage-full': ({ server }) =>
    `A room has as many messages as ${server} stores of one room: what you write there waits here and is sent when there is space again. Ask the operator of the server to delete old messages of the room, or go on in a new room.`,
  'store-damaged': ({ server }) =>
    `The disk of ${server} has damaged what this needs; no member is to blame. Ask the operator of the server to run "chat-server check" and to restore a backup.`,
  'server-full': ({ server }) =>
    `${server} is full: it has as many connections as it accepts. Try again later, or tell its operator.`,
  'connection-replaced': ({ user }) =>
    `Another connection of ${user} took the place of this one, because one user can have only a few: end chat where you do not need it.`,
  'limit-reached': () =>
    'The server has reached one of its limits for you, your network or all users: try again in an hour, or ask the operator of the server.',

  // identity
  'used-elsewhere': ({ message }) =>
    `${message.replace(/: [^:]*$/, '.')} Either a copy of this profile runs on another machine, or this profile was restored from a backup. If neither is your doing, another person has your profile: ask the operator of the server to revoke your access. To go on here, start chat without a command and confirm that the other use ends.`,
  'wrong-password': ({ user }) => `The password for ${user} is wrong: try again.`,
  'profile-in-use': ({ user }) =>
    `The profile of ${user} is in use on this machine: quit all windows and scripts of chat that use it, also stopped ones, or choose another profile with --user.`,
  'not-stored': ({ message }) => message,
  'not-erased': ({ message }) => message,
  'profile-exists': ({ user }) =>
    `This machine has a profile of ${user} already: start chat without a line and log in.`,
  'login-refused': ({ server, user }) =>
    `${server} refused the login of ${user}, because it does not know your identity key under that name: ask the operator of the server.`,
  'key-renewed': () =>
    'Your identity key was renewed, and this profile has the key before. If you renewed it in another copy of the profile, use that one. If not, another person has your key, and can write as you: ask the operator of the server to revoke your access, and tell the members of your rooms outside this chat.',
  'renewal-unfinished': () =>
    'The server has your new identity key, and the renewal was cut off before this profile had it: quit chat and start it again, which finishes the renewal.',
  'enrolment-lost': ({ server, user }) =>
    `${server} does not know ${user} any more: it was probably restored from a backup of before your enrolment. Ask its operator for a new invitation line, and start chat with the whole line. Your key, your name and your rooms stay.`,
  'access-revoked': () =>
    'The operator of the server has revoked your access permanently: ask the operator why. Messages that you have received stay on this machine.',
  'unknown-user': ({ server, user, otherUser }) =>
    otherUser === null
      ? `${server} does not know ${user}: enrol with an invitation line of the server.`
      : `The server cannot reach a user named ${otherUser}: check the spelling. A user who has enrolled must connect once before others can write to them.`,
  'prekey-refused': ({ server }) =>
    `${server} refused your new key, so members cannot send you room keys: check the clock of this machine, then start chat again.`,
  'user-name-taken': ({ user }) => `The name ${user} is taken: choose another.`,
  'enrolment-closed': ({ server }) => `${server} accepts no new users: ask the operator of the server.`,
  'invitation-required': ({ server }) =>
    `${server} accepts new users by invitation only: ask the operator of the server for an invitation line, and start chat with the whole line.`,
  'invitation-refused': () =>
    'The invitation in your line is used, expired, mistyped or for another user name: enrol under the name that it was made for, or ask the operator of the server for a new line.',

  // rooms
  'unknown-room': ({ room }) =>
    `There is no room named ${room}: /rooms (or "chat rooms") lists the rooms, /create creates one.`,
  'room-replaced': ({ room }) =>
    `The room ${room} closed before you had joined it, and another room has got that name: /rooms (or "chat rooms") shows who may join that one. Join again only if you want to be in it.`,
  'room-name-taken': ({ room }) => `There is a room named ${room} already: join it, or choose another name.`,
  'not-joined': ({ room }) =>
    `You are not a member of ${room}: /join ${room} (or "chat join ${room}") joins it, /rooms marks your rooms.`,
  'not-a-member': ({ room }) => `You are not a member of ${room}: join it first.`,
  'already-a-member': ({ room, otherUser }) =>
    otherUser === null
      ? `You are a member of ${room} already.`
      : `${otherUser} is a member of ${room} already, or a user of the same name or key is there: /members lists them.`,
  'already-invited': ({ room, otherUser }) => {
    const who = otherUser ?? 'That user';
    return `${who} is invited to ${room} already, and the invitation waits until ${who} joins or declines, or for 30 days. To take it back, type /remove ${who} (or "chat remove ${room} ${who}"): its inviter, the owner and the moderators can.`;
  },
  'not-invited': ({ room }) =>
    `You need an invitation to join ${room}: /join ${room} in chat, or "chat knock ${room}", asks its members for one.`,
  'room-deleted': ({ room }) =>
    `The server says that its operator has deleted ${room}: nothing can be sent there. /leave ${room} (or "chat leave ${room}") erases what is stored of it here.`,
  'invitation-expired': ({ room }) =>
    `Your invitation to ${room} has ended, because you did not join within 30 days. Ask a member to invite you again; /join ${room} in chat, or "chat knock ${room}", asks all of them.`,
  'no-knock': ({ room, otherUser }) =>
    `${otherUser ?? 'That user'} does not ask to be invited to ${room}, or not any more: /knocks (or "chat knocks ${room}") lists the users who do.`,
  'not-verified': ({ room, otherUser }) =>
    `${room} requires that you verify users before you invite them: compare safety numbers with /verify ${otherUser ?? 'USER'} (or "chat verify ${otherUser ?? 'USER'}").`,
  'not-online': ({ otherUser }) => `${otherUser ?? 'That member'} is not online: try again later.`,
  removed: ({ room, otherUser }) =>
    otherUser === null
      ? `You were removed from ${room}: ask its owner or a moderator to let you join again with /role and your name and "member".`
      : `${otherUser} was removed from ${room}: /role ${otherUser} member allows ${otherUser} to join again.`,
  'unknown-member': ({ room, otherUser, message }) =>
    `${otherUser === null ? message : `${otherUser} is not in ${room}.`} /members lists the members and invited users.`,
  'not-allowed': ({ message }) => `${message} /members lists the roles.`,
  'room-full': ({ room }) => `The room ${room} is full: a member has to leave first.`,
  'message-too-long': () => `The message is longer than ${maxMessageKib} KiB and was not sent: send it in parts.`,
  'identity-changed': ({ message }) =>
    `${message} Ask that user outside this chat whether the new key is theirs. Only if it is, type /trust USER in chat.`,
  'stale-view': () => 'The room has changed since you read it: try again in a moment.',
  'other-log': ({ room }) =>
    `The server's log of ${room} is not the log that you have read, so nothing was sent. The server may be showing users different logs: talk to the other members outside this chat.`,
  'no-key': ({ room }) =>
    `The key of ${room} has not arrived: if no member has wrapped it for you, the client asks the members that are online. Try again later.`,
  'rekey-pending': ({ room }) => `The room ${room} is changing its key: try again in a moment.`,

  // this machine
  EACCES: () => 'The system denies access: check the owner of the profile directory (--home) and its files.',
  EROFS: () => 'The file system of the profile directory is read-only: choose another directory with --home.',
  EMFILE: () => 'Too many files are open: close programs, or raise the limit (ulimit -n), then try again.',
  ENFILE: () => 'Too many files are open on this machine: close programs, then try again.',
  ENOSPC: () => 'The disk is full: free some space, then try again.',
};

/** Returns the sentence for a thrown value. Without a sentence of its own it is the error's message, safe to print. */
export function sentenceFor(error: unknown, about: ErrorContext = {}): string {
  if (error instanceof CommandError) return error.message;
  const message = sanitiseLine(error instanceof Error ? error.message : String(error));
  const code = codeOf(error);
  const sentence = code === null || !Object.hasOwn(sentences, code) ? undefined : sentences[code];
  if (sentence === undefined)
    return message === '' ? 'An error occurred without a message: CHAT_DEBUG=1 shows more.' : message;
  return sentence({
    server: about.server === undefined ? 'The server' : `The server ${sanitiseLine(about.server)}`,
    user: sanitiseLine(about.user ?? 'this user'),
    room: sanitiseLine(about.room ?? 'that room'),
    otherUser: about.otherUser === undefined ? null : sanitiseLine(about.otherUser, 40),
    message,
  });
}

/** Returns the alarm that pages of messages cannot be read. */
export const unreadablePages = (error: unknown): string =>
  `!! The messages of before cannot be read. ${sentenceFor(error)}`;

/** Returns a thrown value as a `CommandError` with its sentence. A `CommandError` stays as it is. */
export function asCommandError(error: unknown, about: ErrorContext = {}): CommandError {
  if (error instanceof CommandError) return error;
  return new CommandError(codeOf(error) ?? 'internal', sentenceFor(error, about), { cause: error });
}
