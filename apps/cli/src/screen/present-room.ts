/** What is shown of each event of a room; null for what a person need not see. */
import { shortened } from './fingerprint.ts';
import { listed, personName as name, someone } from './people.ts';
import type { RoomClientEvent, RoomEventKind, RoomEventOf } from './room-event.ts';
import { alarm, type Departure, departures, messageLine, type Notes, notice, type Scene } from './scene.ts';
import { violationSentence } from './violations.ts';

type Presenter<K extends RoomEventKind> = (
  event: RoomEventOf<K>,
  scene: Scene,
  whole: RoomClientEvent,
) => string | null;

const departureWords: { readonly [D in Departure]: (who: string, were: string) => string } = {
  left: (who) => `${who} left`,
  removed: (who, were) => `${who} ${were} removed`,
  revoked: (who) => `the access of ${who} was taken away`,
  withdrawn: (who) => `the invitation of ${who} was withdrawn`,
};

/** Why the room needed a key that only those who stay have. */
function whyFresh({ departed }: Scene): string {
  const reasons = departures.flatMap((how) => {
    const who = departed[how];
    return who.length === 0 ? [] : [departureWords[how](listed(who), new Set(who).size === 1 ? 'was' : 'were')];
  });
  return reasons.length === 0 ? 'somebody left' : reasons.join(' and ');
}

/** By which key somebody can be told apart from others of their name. */
const key = (fingerprint: string): string => `key ${shortened(fingerprint)}`;

const whatIsKept = (room: string): string =>
  `you read nothing that is said there from here on. What you have of it is kept until /leave ${room}`;

/** Since when a key is missing, and who was asked for it. */
function askedFor(epoch: number, { wanted, time }: Pick<Scene, 'time'> & Pick<Notes, 'wanted'>): string {
  if (wanted?.epoch !== epoch) return 'is not here';
  const { asked, since } = wanted;
  const were = asked.length === 1 ? 'was' : 'were';
  const whom = asked.length === 0 ? 'nobody who has it is online' : `${listed(asked)} ${were} asked for it`;
  return `is missing since ${time(since)}; ${whom}`;
}

/** Why a room has a new key; null where what went before it says so already. */
const keyReasons: { readonly [R in RoomEventOf<'epoch'>['reason']]: (scene: Scene, by: string) => string | null } = {
  created: () => null,
  join: () => null,
  removal: whyFresh,
  count: () => 'many messages were sent under the old one',
  age: () => 'the old one had been used for a day',
  'lost-key': (_, by) => `the old one had not reached ${by}`,
};

const presenters: { readonly [K in RoomEventKind]: Presenter<K> } = {
  created: () => null,
  joined: ({ user, at, fingerprint }, scene, { live }) => {
    if (user !== scene.me) return notice(scene, at, `${name(user)} joined (${key(fingerprint)})`);
    return live ? notice(scene, at, 'you joined') : null;
  },
  invited: ({ user, by, at, fingerprint, verified }, scene) => {
    if (user === scene.me) return null;
    const compared = `${someone(by, scene)} ${by === scene.me ? 'have' : 'has'} ${verified ? '' : 'not '}compared safety numbers with them`;
    return notice(scene, at, `${someone(by, scene)} invited ${name(user)} (${key(fingerprint)}; ${compared})`);
  },
  withdrawn: ({ user, by, at }, scene) =>
    notice(scene, at, `${someone(by, scene)} withdrew the invitation of ${someone(user, scene)}`),
  left: ({ user, at }, scene, { mine }) => {
    if (user !== scene.me) return notice(scene, at, `${name(user)} left`);
    return mine ? null : notice(scene, at, 'you were taken out of this room');
  },
  removed: ({ user, by, at }, scene, { roomName: room }) => {
    if (user !== scene.me) return notice(scene, at, `${someone(by, scene)} removed ${name(user)} from this room`);
    return alarm(
      scene,
      `${name(by)} removed you from ${scene.title(room)}: ${whatIsKept(scene.title(room))}; its owner or a moderator can let you join again.`,
    );
  },
  revoked: ({ user, at }, scene, { roomName: room }) => {
    if (user !== scene.me) {
      return notice(
        scene,
        at,
        `the server's operator has taken the access of ${name(user)} away: they are out of this room`,
      );
    }
    const title = scene.title(room);
    return alarm(scene, `The server's operator has taken your access to ${title} away: ${whatIsKept(title)}.`);
  },
  readmitted: ({ user, by, at }, scene) =>
    notice(scene, at, `${someone(by, scene)} allowed ${name(user)} to join this room again`),
  role: ({ user, by, at, role }, scene) => {
    // Of a room that we have just left.
    if (by === null && scene.departed.left.includes(scene.me)) return null;
    const whom = someone(user, scene);
    const isOwner = `${whom} ${user === scene.me ? 'are' : 'is'} the owner of this room now`;
    if (by === null) return notice(scene, at, `the owner is gone: ${isOwner}`);
    const giver = someone(by, scene);
    if (role === 'owner') return notice(scene, at, `${giver} handed this room over: ${isOwner}`);
    if (role === 'moderator') return notice(scene, at, `${giver} made ${whom} a moderator of this room`);
    return notice(scene, at, `${giver} took the role of moderator from ${whom}`);
  },
  epoch: ({ number, by, reason, key }, scene, { live }) => {
    const why = keyReasons[reason](scene, name(by));
    return why !== null && live && key !== 'none'
      ? notice(scene, scene.now, `the room has a new key (epoch ${number}) because ${why}`)
      : null;
  },
  message: ({ user, at, text }, scene) => messageLine(scene, name(user), at, text),
  unreadable: ({ user, epoch }, scene) =>
    notice(
      scene,
      scene.now,
      `a message of ${name(user)} cannot be read: the room key of epoch ${epoch} ${askedFor(epoch, scene)}`,
    ),
  violation: ({ code, user }, scene) => alarm(scene, violationSentence(code, user === null ? null : name(user))),
};

export function presentRoom(whole: RoomClientEvent, scene: Scene): string | null {
  const present = presenters[whole.event.kind] as Presenter<RoomEventKind>;
  return present(whole.event, scene, whole);
}
