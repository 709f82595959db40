/** The text for each event of a room; null for events that are not shown. */
import type { MessageView } from '@chat/client';
import type { RoomClientEvent, RoomEventKind, RoomEventOf } from '../client-event.ts';
import { shortened } from '../text/fingerprint.ts';
import { listed, nameOrYou, safeName } from '../text/user-name.ts';
import { gapSentence, violationSentence } from '../text/violation-sentence.ts';
import { excerpt, messageText, numberOf, safeReaction } from './message-text.ts';
import { alarm, type Departure, departures, type Notes, notice, type Scene, withLookAlike } from './scene.ts';

type Presenter<K extends RoomEventKind> = (
  event: RoomEventOf<K>,
  scene: Scene,
  whole: RoomClientEvent,
) => string | null;

const departureWords: { readonly [D in Departure]: (who: string, were: string) => string } = {
  left: (who) => `${who} left`,
  removed: (who, were) => `${who} ${were} removed`,
  revoked: (who) => `the access of ${who} was revoked`,
  withdrawn: (who) => `the invitation of ${who} was withdrawn`,
  declined: (who) => `${who} declined an invitation`,
  'key-renewed': (who) => `${who} renewed the identity key`,
};

/** Returns why the room needed a fresh key. */
function reasonForFreshKey({ departed }: Scene): string {
  const reasons = departures.flatMap((how) => {
    const who = departed[how];
    return who.length === 0 ? [] : [departureWords[how](listed(who), new Set(who).size === 1 ? 'was' : 'were')];
  });
  return reasons.length === 0 ? 'a member left' : reasons.join(' and ');
}

/** The start of the fingerprint distinguishes users of the same name. */
const key = (fingerprint: string): string => `key ${shortened(fingerprint)}`;

const whatIsKept = (title: string): string =>
  `You receive no further messages of it. The messages that you have are kept until you type /leave ${title}.`;

/** Returns since when a key is missing, and which members were asked for it. */
function missingKey(epoch: number, { wanted, time }: Pick<Scene, 'time'> & Pick<Notes, 'wanted'>): string {
  if (wanted?.epoch !== epoch) return 'has not arrived';
  const { asked, since } = wanted;
  const were = asked.length === 1 ? 'was' : 'were';
  const requests = asked.length === 0 ? 'no member who has it is online' : `${listed(asked)} ${were} asked for it`;
  return `is missing since ${time(since)}; ${requests}`;
}

/** Returns why a room has a new key; null when an earlier event says so. */
const keyReasons: { readonly [R in RoomEventOf<'epoch'>['reason']]: (scene: Scene, by: string) => string | null } = {
  created: () => null,
  join: () => null,
  removal: reasonForFreshKey,
  count: () => 'many messages were sent under the old one',
  age: () => 'the old one had been in use for an hour',
  'lost-key': (_, by) => `${by} had not received the old one`,
};

const presenters: { readonly [K in RoomEventKind]: Presenter<K> } = {
  created: () => null,
  joined: ({ user, at, fingerprint }, scene, { live }) => {
    if (user !== scene.me) {
      return withLookAlike(scene, user, notice(scene, at, `${safeName(user)} joined (${key(fingerprint)})`));
    }
    return live ? notice(scene, at, 'you joined') : null;
  },
  invited: ({ user, by, at, fingerprint, verified }, scene) => {
    if (user === scene.me) return null;
    const inviter = nameOrYou(by, scene);
    const whether = `${inviter} ${by === scene.me ? 'have' : 'has'} ${verified ? '' : 'not '}verified them`;
    const text = `${inviter} invited ${safeName(user)} (${key(fingerprint)}; ${whether})`;
    return withLookAlike(scene, user, notice(scene, at, text));
  },
  withdrawn: ({ user, by, at }, scene) =>
    notice(scene, at, `${nameOrYou(by, scene)} withdrew the invitation of ${nameOrYou(user, scene)}`),
  declined: ({ user, at }, scene) => notice(scene, at, `${nameOrYou(user, scene)} declined the invitation`),
  left: ({ user, at }, scene, { mine }) => {
    if (user !== scene.me) return notice(scene, at, `${safeName(user)} left`);
    return mine ? null : notice(scene, at, 'you are no longer a member of this room');
  },
  removed: ({ user, by, at }, scene, { roomName }) => {
    if (user !== scene.me) return notice(scene, at, `${nameOrYou(by, scene)} removed ${safeName(user)} from this room`);
    const title = scene.title(roomName);
    return alarm(
      scene,
      `${safeName(by)} removed you from ${title}. ${whatIsKept(title)} Its owner or a moderator can let you join again.`,
    );
  },
  revoked: ({ user, at }, scene, { roomName }) => {
    if (user !== scene.me) {
      return notice(
        scene,
        at,
        `the operator of the server revoked the access of ${safeName(user)}, who is no longer a member of this room`,
      );
    }
    const title = scene.title(roomName);
    return alarm(scene, `The operator of the server revoked your access to ${title}. ${whatIsKept(title)}`);
  },
  readmitted: ({ user, by, at }, scene) =>
    notice(scene, at, `${nameOrYou(by, scene)} allowed ${nameOrYou(user, scene)} to join this room again`),
  'key-renewed': ({ user, at, fingerprint }, scene) =>
    notice(
      scene,
      at,
      user === scene.me
        ? 'this room has your renewed identity key'
        : `${safeName(user)} uses a renewed identity key in this room (${key(fingerprint)})`,
    ),
  role: ({ user, by, at, role }, scene) => {
    // The local user has just left this room.
    if (by === null && scene.departed.left.includes(scene.me)) return null;
    const member = nameOrYou(user, scene);
    const isOwner = `${member} ${user === scene.me ? 'are' : 'is'} the owner of this room now`;
    if (by === null) return notice(scene, at, `the owner has left: ${isOwner}`);
    const giver = nameOrYou(by, scene);
    if (role === 'owner') return notice(scene, at, `${giver} handed this room over: ${isOwner}`);
    if (role === 'moderator') return notice(scene, at, `${giver} made ${member} a moderator of this room`);
    return notice(scene, at, `${giver} ended the role of moderator of ${member}`);
  },
  epoch: ({ number, by, reason, key: held }, scene, { live }) => {
    const why = keyReasons[reason](scene, safeName(by));
    return why !== null && live && held !== 'none'
      ? notice(scene, scene.now, `the room has a new key (epoch ${number}) because ${why}`)
      : null;
  },
  message: (event, scene, { about, late }) => messageText(scene, { ...messageOf(event, about), late }),
  newer: ({ seq, user, fingerprint, at, number }, scene) =>
    messageText(scene, { seq, user, fingerprint, at, text: '', newer: number }),
  edited: (_, scene, { about }) => (about === undefined ? null : messageText(scene, about)),
  deleted: ({ user, at, target }, scene) =>
    notice(scene, at, `${nameOrYou(user, scene)} deleted message ${numberOf(target)}`),
  hidden: ({ user, at, target }, scene, { about }) => {
    const whose = about === undefined || about.user === user ? '' : ` of ${nameOrYou(about.user, scene)}`;
    return notice(scene, at, `${nameOrYou(user, scene)} hid message ${numberOf(target)}${whose}`);
  },
  reacted: ({ user, at, target, text }, scene, { about }) => {
    const who = nameOrYou(user, scene);
    const what = numberOf(target);
    if (text === '') return notice(scene, at, `${who} withdrew the reaction to ${what}`);
    const of = about === undefined ? '' : ` of ${nameOrYou(about.user, scene)}: ${excerpt(about.text)}`;
    return notice(scene, at, `${who} reacted ${safeReaction(text)} to ${what}${of}`);
  },
  'without-effect': () => null,
  unreadable: ({ user, epoch }, scene) =>
    notice(
      scene,
      scene.now,
      `a message of ${safeName(user)} cannot be read: the room key of epoch ${epoch} ${missingKey(epoch, scene)}`,
    ),
  gap: (event, scene) => {
    const sentence = gapSentence(event);
    return event.cause === 'expired' ? notice(scene, scene.now, sentence) : alarm(scene, sentence);
  },
  violation: ({ code, user }, scene) => alarm(scene, violationSentence(code, user === null ? null : safeName(user))),
};

/** Returns a message that has just been read, with what it answers if the client has that. */
export function messageOf(
  { seq, user, fingerprint, at, text, action, file }: RoomEventOf<'message'>,
  about?: MessageView,
): MessageView {
  const deleted = about?.deletedBy === undefined ? {} : { deleted: true as const };
  return {
    ...{ seq, user, fingerprint, at, text },
    ...(action && { action }),
    ...(file && { file: { name: file.name, size: file.size, type: file.type } }),
    ...(about && {
      replyTo: {
        ...{ seq: about.seq, user: about.user, fingerprint: about.fingerprint, text: about.text, ...deleted },
        ...(about.file && { fileName: about.file.name }),
      },
    }),
  };
}

/** Returns the text for an event of a room; null when it is not shown. */
export function presentRoomEvent(whole: RoomClientEvent, scene: Scene): string | null {
  const { event } = whole;
  const isOfBlocked = 'target' in event && scene.isBlocked?.(event.user) === true;
  if (isOfBlocked && event.kind !== 'hidden') return null;
  const present = presenters[whole.event.kind] as Presenter<RoomEventKind>;
  return present(whole.event, scene, whole);
}
