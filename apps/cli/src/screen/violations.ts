/** What each breach of the protocol means to a person: what happened, why it matters, what to do. */
import type { ViolationCode } from './room-event.ts';

const mind = 'Do not say anything secret here before you have spoken with the others by another way.';
const nothingLost = 'It was ignored and harms nobody. If it keeps coming, tell whoever runs the server.';

/** `who` is a name, or "somebody". */
const sentences: { readonly [code in ViolationCode]: (who: string) => string } = {
  'out-of-order': () =>
    `The server sent this room's log out of order. It may be hiding or moving messages. ${mind} If reconnecting does not end it, tell whoever runs the server.`,
  withheld: () =>
    `The server kept back something that was said after you were invited or joined. You do not see all that the others see. ${mind}`,
  truncated: () =>
    `The server's log of this room is shorter than what you have already read: it lost or hides the end. ${mind} Ask the others what they see.`,
  malformed: (who) =>
    `${who} sent something that is not of this protocol, perhaps from another version. ${nothingLost}`,
  'bad-signature': (who) =>
    `Something in the name of ${who} does not carry their signature: somebody, perhaps the server, tried to forge it. It was ignored. ${mind}`,
  'not-a-member': (who) =>
    `Something came from ${who}, who is no member of this room. It was ignored; the server should never have passed it on. ${mind}`,
  'wrong-create': (who) =>
    `${who} tried to found this room a second time, or in the place of another one. It was ignored. If it keeps coming, tell whoever runs the server.`,
  'already-a-member': (who) => `${who} joined twice, or an old joining was played again. ${nothingLost}`,
  removed: (who) =>
    `${who} was removed from this room and tried to join it all the same. They are not in it. ${nothingLost}`,
  revoked: (who) =>
    `The server's operator has taken the access of ${who} away, and yet they came back into this room or were invited to it. They are not in it. ${nothingLost}`,
  'not-invited': (who) =>
    `${who} joined this room without being invited. They are not in it, and the server should never have let them. ${nothingLost}`,
  'unknown-member': (who) =>
    `${who} tried to remove, or to give a role to, somebody who is not in this room. ${nothingLost}`,
  'not-allowed': (who) =>
    `${who} tried to invite or to remove somebody, or to give a role, without the right to do so. Nothing has changed. ${nothingLost}`,
  'wrong-epoch': (who) => `${who} tried to set a room key out of turn. The key was not taken. ${nothingLost}`,
  'wrong-key': (who) =>
    `The room key that ${who} handed out is not the one they promised, so it was not taken. You may be unable to read or write until the next key. Ask ${who} to leave and join again.`,
  'wrong-prekey': (who) =>
    `The server gave out a key for ${who} that they did not sign, or one that they no longer use: somebody may want to read in their name. Nothing was encrypted to it, so ${who} gets no room key until the server gives out the right one. ${mind}`,
  'stale-key': (who) =>
    `A message of ${who} came under an old room key, which somebody who left may still hold. It is not shown. Ask ${who} to send it again.`,
  damaged: (who) =>
    `A message of ${who} does not decrypt, or is not what it claims to be. It is not shown. Ask ${who} to send it again.`,
  replayed: (who) =>
    `Something old of ${who} was sent once more, by them or by the server. The copy counts for nothing. ${mind}`,
  'missing-messages': (who) =>
    `Messages of ${who} are missing before the next one: the server lost or kept back some. Ask ${who} what they said.`,
  'stale-view': (who) =>
    `Something of ${who} was signed so long ago that what they saw then cannot be held against what you saw: the server may have kept it back until now. If it was an invitation, a role or a room key, it was ignored. ${mind}`,
  fork: (who) =>
    `${who} was shown another history of this room than you were: the server tells different people different things. ${mind}`,
};

/** Plain sentences for a violation; `user` is a name that is safe to show, or null where nobody in particular is concerned. */
export const violationSentence = (code: ViolationCode, user: string | null): string => {
  const sentence = sentences[code](user ?? 'somebody');
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
};
