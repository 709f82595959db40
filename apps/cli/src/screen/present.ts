/** What a person is shown of each thing that the client tells. Pure: an event and a scene in, a block of text or null out. */
import type { ClientEvent } from '@chat/client';
import { grouped } from './fingerprint.ts';
import { presentRoom } from './present-room.ts';
import { sanitise, sanitiseLine } from './sanitise.ts';
import { alarm, continuation, notice, type Scene } from './scene.ts';
import { duration } from './time.ts';

type Kind = ClientEvent['kind'];
type EventOf<K extends Kind> = Extract<ClientEvent, { kind: K }>;

/** A server's or system's sentence, so that it can stand inside one of ours. */
const reasonOf = (reason: string): string => sanitiseLine(reason).replace(/\.$/, '');

const givenBack = (text: string): string =>
  sanitise(text)
    .split('\n')
    .map((line) => continuation + line)
    .join('\n');

const presenters: { readonly [K in Kind]: (event: EventOf<K>, scene: Scene) => string | null } = {
  connection: (event, scene) =>
    event.status === 'online'
      ? notice(scene, scene.now, 'connected')
      : notice(
          scene,
          scene.now,
          `connection lost: ${reasonOf(event.reason)}; trying again in ${duration(event.retryInMs)}`,
        ),
  refused: ({ reason, code }, scene) =>
    alarm(scene, `The server refuses you (${sanitiseLine(code, 64)}): ${reasonOf(reason)}. Ask whoever runs it.`),
  room: presentRoom,
  ready: ({ name }, scene) =>
    name === scene.room ? notice(scene, scene.now, 'the room key is here: you can read and write') : null,
  // Told by `/members` when asked for: programs that come and go for each message would fill the screen.
  presence: () => null,
  'identity-changed': ({ user, name, known, seen }, scene) => {
    const who = sanitiseLine(user, 40);
    const room = sanitiseLine(name, 60);
    return [
      alarm(scene, `${who} has another identity key than before. This may be somebody else in their name.`),
      `${continuation}known:\n${grouped(known, `${continuation}  `)}`,
      `${continuation}now:\n${grouped(seen, `${continuation}  `)}`,
      `${continuation}Nothing is sent to ${room} until you decide. Ask ${who} by another way whether the second one is theirs;`,
      `${continuation}only if it is, type /trust ${who}`,
    ].join('\n');
  },
  undelivered: ({ name, text, reason }, scene) =>
    `${alarm(scene, `Not sent to ${sanitiseLine(name, 60)}: ${reasonOf(reason)}. Your text was:`)}\n${givenBack(text)}`,
  'caught-up': () => null,
  trouble: ({ reason }, scene) => alarm(scene, `${reasonOf(reason)}.`),
};

/** The text to show, lines separated by line feeds, or null. A label names the room when it is not the one the person is in. */
export function present(event: ClientEvent, scene: Scene): string | null {
  const shown = (presenters[event.kind] as (event: ClientEvent, scene: Scene) => string | null)(event, scene);
  if (shown === null || event.kind !== 'room' || event.name === scene.room) return shown;
  return `${scene.palette.strong(`[${sanitiseLine(event.name, 60)}]`)} ${shown}`;
}

/** A text that could not be sent, as it is given back. */
export const returnText = givenBack;
