/** What is shown of each event of a room; null for what a person need not see. */
import type { RoomClientEvent, RoomEventKind, RoomEventOf } from './room-event.ts';
import { sanitiseLine } from './sanitise.ts';
import { alarm, messageLine, notice, type Scene } from './scene.ts';
import { violationSentence } from './violations.ts';

type Presenter<K extends RoomEventKind> = (
  event: RoomEventOf<K>,
  scene: Scene,
  whole: RoomClientEvent,
) => string | null;

const name = (user: string): string => sanitiseLine(user, 40);

const someone = (user: string, { me }: Scene): string => (user === me ? 'you' : name(user));

function listed(names: readonly string[]): string {
  const [last = 'somebody', ...others] = [...new Set(names.map(name))].reverse();
  return others.length === 0 ? last : `${others.reverse().join(', ')} and ${last}`;
}

/** Why the room needed a key that only those who stay have. */
function departures({ leavers, removed }: Scene): string {
  const were = new Set(removed).size === 1 ? 'was' : 'were';
  const out = removed.length === 0 ? [] : [`${listed(removed)} ${were} removed`];
  const left = leavers.length === 0 && out.length > 0 ? [] : [`${listed(leavers)} left`];
  return [...left, ...out].join(' and ');
}

/** Why a room has a new key; null where what went before it says so already. */
const keyReasons: { readonly [R in RoomEventOf<'epoch'>['reason']]: (scene: Scene, by: string) => string | null } = {
  created: () => null,
  join: () => null,
  removal: departures,
  count: () => 'many messages were sent under the old one',
  age: () => 'the old one had been used for a day',
  'lost-key': (_, by) => `the old one had not reached ${by}`,
};

const presenters: { readonly [K in RoomEventKind]: Presenter<K> } = {
  created: () => null,
  joined: ({ user, at }, scene, { live }) => {
    if (user !== scene.me) return notice(scene, at, `${name(user)} joined`);
    return live ? notice(scene, at, 'you joined') : null;
  },
  left: ({ user, at }, scene, { mine }) => {
    if (user !== scene.me) return notice(scene, at, `${name(user)} left`);
    return mine ? null : notice(scene, at, 'you were taken out of this room');
  },
  removed: ({ user, by, at }, scene, { name: room }) => {
    if (user !== scene.me) return notice(scene, at, `${someone(by, scene)} removed ${name(user)} from this room`);
    return alarm(
      scene,
      `${name(by)} removed you from ${name(room)}: you read nothing that is said there from here on. What you have of it is kept until /leave ${name(room)}; its owner or a moderator can let you join again.`,
    );
  },
  readmitted: ({ user, by, at }, scene) =>
    notice(scene, at, `${someone(by, scene)} allowed ${name(user)} to join this room again`),
  role: ({ user, by, at, role }, scene) => {
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
    notice(scene, scene.now, `a message of ${name(user)} cannot be read: the room key of epoch ${epoch} is not here`),
  violation: ({ code, user }, scene) => alarm(scene, violationSentence(code, user === null ? null : name(user))),
};

export function presentRoom(whole: RoomClientEvent, scene: Scene): string | null {
  const present = presenters[whole.event.kind] as Presenter<RoomEventKind>;
  return present(whole.event, scene, whole);
}
