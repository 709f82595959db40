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

function listed(names: readonly string[]): string {
  const [last = 'somebody', ...others] = [...new Set(names.map(name))].reverse();
  return others.length === 0 ? last : `${others.reverse().join(', ')} and ${last}`;
}

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
  epoch: ({ number, reason, key }, scene, { live }) =>
    live && reason === 'removal' && key !== 'none'
      ? notice(scene, scene.now, `the room has a new key (epoch ${number}) because ${listed(scene.leavers)} left`)
      : null,
  message: ({ user, at, text }, scene) => messageLine(scene, name(user), at, text),
  unreadable: ({ user, epoch }, scene) =>
    notice(scene, scene.now, `a message of ${name(user)} cannot be read: the room key of epoch ${epoch} is not here`),
  violation: ({ code, user }, scene) => alarm(scene, violationSentence(code, user === null ? null : name(user))),
};

export function presentRoom(whole: RoomClientEvent, scene: Scene): string | null {
  const present = presenters[whole.event.kind] as Presenter<RoomEventKind>;
  return present(whole.event, scene, whole);
}
