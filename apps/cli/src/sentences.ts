/**
 * The sentence for each error code of the client, the room, the server and the system: what happened and what mends it.
 * Codes whose own message names more than we know here (an address, a file) are not in the table: that message is shown.
 */
import { limits } from '@chat/protocol';
import { codeOf, Failure } from './command-error.ts';
import { sanitiseLine } from './screen/sanitise.ts';

/** What was being done, as far as it is known: names for the sentence. */
export interface Circumstances {
  /** `host:port`. */
  readonly server?: string;
  readonly user?: string;
  readonly room?: string;
  /** Somebody else, to whom it was to be done. */
  readonly person?: string;
}

type Sentence = (about: {
  readonly server: string;
  readonly user: string;
  readonly room: string;
  /** Null where it was about nobody else. */
  readonly person: string | null;
  readonly said: string;
}) => string;

const kilobytes = limits.messageTextBytes / 1024;

const sentences: Readonly<Record<string, Sentence>> = {
  // the connection
  'certificate-refused': ({ server }) =>
    `${server} refused your certificate: check this machine's clock, then ask whoever runs the server whether your access was revoked.`,
  offline: () => 'There is no connection to the server now: wait for "connected", then try again.',
  closed: () => 'The client was closed before this was done: start it again.',
  stopping: ({ server }) => `${server} is shutting down: try again in a moment.`,
  'unsupported-version': ({ server }) =>
    `${server} speaks another version of the protocol: update this client or the server.`,
  'rate-limited': ({ server }) => `${server} says you are too fast: wait a little, then try again.`,
  'limit-reached': () => 'The server has reached one of its limits: ask whoever runs it.',

  // identity
  'wrong-password': ({ user }) => `Wrong password for ${user}: try again.`,
  'profile-in-use': ({ user }) =>
    `The profile of ${user} is in use by another chat on this machine: quit that one, or choose another with --user.`,
  'profile-exists': ({ user }) =>
    `There is a profile of ${user} on this machine already: start chat without a line and log in.`,
  'login-refused': ({ server, user }) =>
    `${server} does not let ${user} in: the identity on this machine is not the one it knows. Ask whoever runs the server.`,
  'access-revoked': () =>
    "The server's operator has taken your access away, for good: ask them why. What you had read stays on this machine.",
  'unknown-user': ({ server, user, person }) =>
    person === null
      ? `${server} does not know ${user}: enrol with the line that the server printed.`
      : `Nobody named ${person} can be reached by this server: check the spelling; who has enrolled and never connected has to do so once.`,
  'prekey-refused': ({ server }) =>
    `${server} does not take your new key, so others cannot send you theirs: check this machine's clock, then start chat again.`,
  'user-name-taken': ({ user }) => `The name ${user} is taken: choose another.`,
  'enrolment-closed': ({ server }) => `${server} takes no new users: ask whoever runs it.`,
  'invitation-required': ({ server }) =>
    `${server} admits by invitation only: ask whoever runs it for a line with an invitation, and start chat with that whole line.`,
  'invitation-refused': () =>
    'The invitation in your line is used up, expired or mistyped: ask whoever runs the server for a new line.',

  // rooms
  'unknown-room': ({ room }) =>
    `There is no room named ${room}: /rooms (or "chat rooms") lists them, /create makes one.`,
  'room-name-taken': ({ room, person, said }) =>
    person === null ? `There is a room named ${room} already: join it, or choose another name.` : said,
  'not-joined': ({ room }) =>
    `You are not in ${room}: your rooms are marked in /rooms; /join ${room}, or "chat join ${room}", enters it.`,
  'not-a-member': ({ room }) => `You are not a member of ${room}: join it first.`,
  'already-a-member': ({ room, person }) =>
    person === null
      ? `You are a member of ${room} already.`
      : `${person} is in ${room} already, or invited: /members shows who is.`,
  'not-invited': ({ room }) =>
    `${room} lets in only whom a member invites: /join ${room} in chat, or "chat knock ${room}", asks its members.`,
  'not-verified': ({ room, person }) =>
    `${room} lets in only people with whom the one who invites has compared safety numbers: /verify ${person ?? 'NAME'}, or "chat verify ${person ?? 'NAME'}", shows yours.`,
  'not-online': ({ person }) => `${person ?? 'That member'} is not online now: try again later.`,
  removed: ({ room, person }) =>
    person === null
      ? `You were removed from ${room}: its owner or a moderator can let you join again, with /role and your name and "member".`
      : `${person} was removed from ${room}: /role ${person} member lets them come back.`,
  'unknown-member': ({ said }) => `${said} /members shows who is.`,
  'not-allowed': ({ said }) => `${said} /members shows who is what.`,
  'room-full': ({ room }) => `The room ${room} is full: somebody has to leave first.`,
  'message-too-long': () => `The message is longer than ${kilobytes} KiB and was not sent: send it in parts.`,
  'identity-changed': ({ said }) =>
    `${said} Ask them by another way whether the new key is theirs; only if it is, type /trust NAME in chat.`,
  'stale-view': () => 'Too much was said in the room meanwhile: try again in a moment.',
  'other-log': ({ room }) =>
    `The server's log of ${room} is another one than you have read, so nothing was sent: it may be showing different people different things. Speak with the others by another way.`,
  'no-key': ({ room }) => `The key of ${room} is not here yet: it comes when a member who has it is online.`,
  'rekey-pending': ({ room }) => `The room ${room} is changing its key: try again in a moment.`,

  // this machine
  EACCES: () => 'This machine does not permit that: check who owns the profile directory and its files (--home).',
  EROFS: () => 'The profile directory cannot be written: choose another with --home.',
  ENOSPC: () => 'The disk is full: make room, then try again.',
};

/** One sentence for whatever was thrown: our own, else the error's, made safe. Never a stack. */
export function sentenceFor(error: unknown, about: Circumstances = {}): string {
  if (error instanceof Failure) return error.message;
  const said = sanitiseLine(error instanceof Error ? error.message : String(error));
  const code = codeOf(error);
  const sentence = code === null || !Object.hasOwn(sentences, code) ? undefined : sentences[code];
  if (sentence === undefined)
    return said === '' ? 'Something failed without saying why: CHAT_DEBUG=1 shows more.' : said;
  return sentence({
    server: about.server === undefined ? 'The server' : `The server ${sanitiseLine(about.server)}`,
    user: sanitiseLine(about.user ?? 'this user'),
    room: sanitiseLine(about.room ?? 'that room'),
    person: about.person === undefined ? null : sanitiseLine(about.person, 40),
    said,
  });
}

/** The same as a failure that can be thrown on. What is one already stays as it is. */
export function explained(error: unknown, about: Circumstances): Failure {
  if (error instanceof Failure) return error;
  return new Failure(codeOf(error) ?? 'internal', sentenceFor(error, about), { cause: error });
}
