/** What each violation means to the user: what happened, why it matters, what to do. */
import type { RoomEventOf, ViolationCode } from '../client-event.ts';

const beCareful = 'Send nothing secret here until you have talked to the other members outside this chat.';
const harmless = 'It was ignored and does no harm. If it happens again and again, tell the operator of the server.';

/** `who` is the author of the entry, who may have been let in or have let in another user: a user name, or "an unknown user". */
const sentences: { readonly [code in ViolationCode]: (who: string) => string } = {
  'out-of-order': () =>
    `The server sent the log of this room out of order. It may be hiding or moving messages. ${beCareful} If this is still so after you have reconnected, tell the operator of the server.`,
  withheld: () =>
    `The server held back messages that were sent after you were invited or joined. You do not see everything that the other members see. ${beCareful}`,
  truncated: () =>
    `The server's log of this room is shorter than the log that you have read. The server has lost the end of it or hides it, and your client has not kept all that is missing. ${beCareful} It goes on when a member who has the rest connects and gives it back. To begin again with what the server has, leave the room and join it again.`,
  malformed: (who) =>
    `${who} sent something that is not part of this protocol, perhaps from another version of the program. ${harmless}`,
  'bad-signature': (who) =>
    `An entry in the name of ${who} does not carry their signature. Someone, perhaps the server, tried to forge it. It was ignored. ${beCareful}`,
  'not-a-member': (who) =>
    `The server passed on an entry of ${who}, who is not a member of this room. It was ignored. The server should have refused it. ${beCareful}`,
  'wrong-create': (who) =>
    `${who} tried to create this room a second time, or in place of another room. It was ignored. If it happens again and again, tell the operator of the server.`,
  'already-a-member': (who) =>
    `${who} joined twice or invited a user who is in this room already, or the server repeated an old entry. ${harmless}`,
  removed: (who) =>
    `${who} joined this room again after a removal, or invited a user who was removed. No user was let in. ${harmless}`,
  revoked: (who) =>
    `${who} joined this room or invited a user, but the operator of the server has revoked the access of that user. No user was let in. ${harmless}`,
  'not-invited': (who) =>
    `${who} joined this room without an invitation, or declined one that there is not. They are not a member. The server should have refused it. ${harmless}`,
  'room-full': (who) =>
    `${who} joined this room or invited a user, although the room is full. No user was let in. The server should have refused it. ${harmless}`,
  'unknown-member': (who) =>
    `${who} tried to remove a user who is not in this room, or to give that user a role. ${harmless}`,
  'not-allowed': (who) =>
    `${who} tried to invite or remove a user, or to give a role, without the right to do so. Nothing has changed. ${harmless}`,
  'wrong-epoch': (who) => `${who} tried to set a new room key at the wrong time. The key was refused. ${harmless}`,
  'wrong-key': (who) =>
    `The room key that ${who} sent is not the one they announced, so it was refused. You may be unable to read or write until the next key. Ask ${who} to leave and join again.`,
  'wrong-wrap': () =>
    `The server has altered or withheld a room key that a member made for you. Your client has refused what it sent, and gets the key in another way. ${beCareful}`,
  'wrong-prekey': (who) =>
    `The server handed out a key for ${who} that they did not sign or no longer use, and your client knows of no restore from a backup that explains it. The server, or an attacker, may want to read messages in their place. Nothing was encrypted to that key, so ${who} receives no room key until the server hands out the right one. ${beCareful}`,
  'early-prekey': (who) =>
    `The server handed out a key of ${who} that is dated more than a day ahead, so nothing was encrypted to it, and ${who} receives no room key from you. Check the clock of this machine. If it is right, another person may have the identity key of ${who}, and the server should have refused that key: ask ${who} outside this chat to connect again, which replaces it.`,
  'stale-key': (who) =>
    `A message of ${who} was encrypted with an old room key, which former members may still have. It is not shown. Ask ${who} to send it again.`,
  'overused-key': (who) =>
    `${who} sent a message with a room key that has served for too many messages. The server may keep ${who} from changing the key, or the program of ${who} is old. The message is shown. Ask ${who} to update, and tell the operator of the server.`,
  'needless-key': (who) =>
    `${who} changed the room key without a reason. That delays messages, but no other person can read them. If it happens again and again, ask the owner or a moderator to remove ${who}.`,
  damaged: (who) =>
    `A message of ${who} cannot be decrypted, or is not what it claims to be. It is not shown. Ask ${who} to send it again.`,
  replayed: (who) =>
    `An old entry of ${who} was sent again, by them or by the server. The copy was ignored. ${beCareful}`,
  'missing-messages': (who) =>
    `Messages of ${who} before the next one are missing. The server has lost them or holds them back. Ask ${who} what they sent.`,
  'stale-view': (who) =>
    `An entry of ${who} was signed so long ago that the log they saw cannot be compared with yours. The server may have held the entry back until now. If it was an invitation, a role or a room key, it was ignored. ${beCareful}`,
  fork: (who) =>
    `${who} saw another log of this room than you. The server shows different users different logs. ${beCareful}`,
};

/**
 * Returns the sentences for a violation.
 *
 * @param user a name that is safe to print; null when the violation has no user, or one whose name is not known
 */
export const violationSentence = (code: ViolationCode, user: string | null): string => {
  const sentence = sentences[code](user ?? 'an unknown user');
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
};

/** Returns the sentences for entries that the server no longer has. They name the server as the cause, and no member. */
export function gapSentence({ hashes, cause, stops }: Pick<RoomEventOf<'gap'>, 'hashes' | 'cause' | 'stops'>): string {
  if (stops) {
    return 'The server\'s copy of an entry of this room is damaged, perhaps by its disk, so nothing after it can be read here. No member is at fault. Ask the operator of the server to run "chat-server check" and to restore the data from a backup.';
  }
  const isOne = hashes.length === 1;
  if (cause === 'expired') {
    const [what, it] = isOne
      ? ['one message that was sent here earlier is', 'it']
      : [`${hashes.length} messages that were sent here earlier are`, 'them'];
    return `${what} not shown: by its word, the server has deleted ${it} because it keeps messages for a limited time`;
  }
  const count = isOne ? 'a message' : `${hashes.length} messages`;
  return `The server's copy of ${count} in this room is damaged, perhaps by its disk, so the text cannot be shown. No member is at fault. Ask the operator of the server to run "chat-server check", and the other members what was written.`;
}
