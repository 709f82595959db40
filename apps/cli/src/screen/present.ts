/** What a person is shown of each thing that the client tells. Pure: an event and a scene in, a block of text or null out. */
import type { ClientEvent } from '@chat/client';
import { policyMeaning } from '../room-policy.ts';
import { sentenceFor } from '../sentences.ts';
import { grouped } from './fingerprint.ts';
import { listed, personName, someone } from './people.ts';
import { presentRoom } from './present-room.ts';
import type { EventKind, EventOf } from './room-event.ts';
import { sanitise, sanitiseLine } from './sanitise.ts';
import { alarm, continuation, notice, type Scene } from './scene.ts';
import { duration } from './time.ts';

/** A server's or system's sentence, so that it can stand inside one of ours. */
const reasonOf = (reason: string): string => sanitiseLine(reason).replace(/\.$/, '');

/** Why the server does not take this user any more, and whom to ask. */
export const refusal = ({ code, reason }: EventOf<'refused'>): string =>
  code === 'access-revoked'
    ? sentenceFor({ code })
    : `The server refuses you (${sanitiseLine(code, 64)}): ${reasonOf(reason)}. Ask whoever runs it.`;

const givenBack = (text: string): string =>
  sanitise(text)
    .split('\n')
    .map((line) => continuation + line)
    .join('\n');

/** The latest of those who were asked for a key is asked now. */
function asking({ epoch, asked }: EventOf<'key-wanted'>, scene: Scene): string {
  const latest = asked.slice(-1);
  const whom = latest.length === 0 ? 'nobody who has it is online' : `${listed(latest)} is asked for it`;
  return notice(scene, scene.now, `the room key of epoch ${epoch} has not come: ${whom}`);
}

function knocked({ user, fingerprint, roomName: name }: EventOf<'knock'>, scene: Scene): string {
  const who = personName(user);
  const first = name === scene.room ? '' : `/join ${scene.title(name)}, then `;
  return [
    notice(scene, scene.now, `${who} asks to be let in. Their identity key has the fingerprint`),
    grouped(fingerprint, `${continuation}  `),
    `${continuation}${first}/admit ${who} lets them in; /verify ${who} shows what to compare with them before`,
  ].join('\n');
}

function invitedBy({ by, roomName: name, policy }: EventOf<'invited'>, scene: Scene): string {
  const who = personName(by);
  if (policy.join === 'direct')
    return notice(scene, scene.now, `${who} wants to talk with you alone: /msg ${who} goes there`);
  const room = sanitiseLine(name, 60);
  return notice(scene, scene.now, `${who} invites you to ${room} (${policyMeaning(policy)}): /join ${room} goes there`);
}

const presenters: { readonly [K in EventKind]: (event: EventOf<K>, scene: Scene) => string | null } = {
  connection: (event, scene) =>
    event.status === 'online'
      ? notice(scene, scene.now, 'connected')
      : notice(
          scene,
          scene.now,
          `connection lost: ${reasonOf(event.reason)}; trying again in ${duration(event.retryInMs)}`,
        ),
  refused: (event, scene) => alarm(scene, refusal(event)),
  room: presentRoom,
  ready: ({ roomName: name }, scene) =>
    name === scene.room ? notice(scene, scene.now, 'the room key is here: you can read and write') : null,
  // Told by `/members` when asked for: programs that come and go for each message would fill the screen.
  presence: () => null,
  // That it moves as people come and go is not worth a line: `/members` says who has it.
  hub: ({ user, before }, scene) => {
    if (before === null || before === scene.me || !Object.values(scene.departed).flat().includes(before)) return null;
    const makes = user === scene.me ? 'you make' : `${someone(user, scene)} makes`;
    return notice(scene, scene.now, `${makes} the keys of this room now, as ${personName(before)} is gone`);
  },
  left: ({ roomName: name }, scene) =>
    notice(scene, scene.now, `you left ${scene.title(name)}, as you had asked before the connection was lost`),
  invited: invitedBy,
  knock: knocked,
  'key-wanted': asking,
  'identity-changed': ({ user, roomName: name, known, seen, verified }, scene) => {
    const who = personName(user);
    const room = scene.title(name);
    return [
      alarm(scene, `${who} has another identity key than before. This may be somebody else in their name.`),
      `${continuation}known${verified ? ', with which you had compared safety numbers' : ''}:\n${grouped(known, `${continuation}  `)}`,
      `${continuation}now:\n${grouped(seen, `${continuation}  `)}`,
      `${continuation}Nothing is sent to ${room} until you decide. Ask ${who} by another way whether the second one is theirs;`,
      `${continuation}only if it is, type /trust ${who}`,
    ].join('\n');
  },
  undelivered: ({ roomName: name, text, reason }, scene) =>
    `${alarm(scene, `Not sent to ${scene.title(name)}: ${reasonOf(reason)}. Your text was:`)}\n${givenBack(text)}`,
  'caught-up': () => null,
  trouble: ({ reason }, scene) => alarm(scene, `${reasonOf(reason)}.`),
};

/** The text to show, lines separated by line feeds, or null. A label names the room when it is not the one the person is in. */
export function present(event: ClientEvent, scene: Scene): string | null {
  const shown = (presenters[event.kind] as (event: ClientEvent, scene: Scene) => string | null)(event, scene);
  if (shown === null || !isOfRoom(event) || event.roomName === scene.room) return shown;
  return `${scene.palette.strong(`[${scene.title(event.roomName)}]`)} ${shown}`;
}

/** Whether what is shown of it speaks of "this room". */
const isOfRoom = (event: ClientEvent) =>
  event.kind === 'room' || event.kind === 'hub' || event.kind === 'knock' || event.kind === 'key-wanted';

/** A text that could not be sent, as it is given back. */
export const returnText = givenBack;
