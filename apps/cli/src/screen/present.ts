/** The text for each event of the client. A pure function of the event and the scene. */
import type { ClientEvent } from '@chat/client';
import { sanitiseLine } from '@chat/safe-text';
import type { EventKind, EventOf } from '../client-event.ts';
import { sentenceFor } from '../text/error-sentence.ts';
import { grouped } from '../text/fingerprint.ts';
import { policyMeaning } from '../text/room-policy.ts';
import { days, duration, minutes, timeOfDay } from '../text/time.ts';
import { listed, nameOrYou, safeName } from '../text/user-name.ts';
import { presentRoomEvent } from './present-room.ts';
import { presentUndelivered, reasonOf } from './returned-text.ts';
import { alarm, continuation, notice, type Scene, withLookAlike } from './scene.ts';
import { presentTransfer } from './transfer-text.ts';

/** The refusals whose sentence says what to do. */
const explainedRefusals: ReadonlySet<string> = new Set([
  'access-revoked',
  'used-elsewhere',
  'enrolment-lost',
  'key-renewed',
  'renewal-unfinished',
]);

/** Returns why the server refuses this user permanently, and what to do. */
export const refusalSentence = ({ code, reason }: EventOf<'refused'>): string =>
  explainedRefusals.has(code)
    ? sentenceFor(Object.assign(new Error(reason), { code }))
    : `The server refuses your connection (${sanitiseLine(code, 64)}): ${reasonOf(reason)}. Ask the operator of the server.`;

/** The member who was asked last is the one who is asked now. */
function presentKeyRequest({ epoch, asked }: EventOf<'key-wanted'>, scene: Scene): string {
  const latest = asked.slice(-1);
  const request = latest.length === 0 ? 'no member who has it is online' : `asking ${listed(latest)} for it`;
  return notice(scene, scene.now, `the room key of epoch ${epoch} has not arrived: ${request}`);
}

function presentKnock({ user, fingerprint, roomName, verified }: EventOf<'knock'>, scene: Scene): string {
  const who = safeName(user);
  const first = roomName === scene.currentRoom ? '' : `/join ${scene.title(roomName)}, then `;
  const [known, verify] = verified
    ? [', which you have verified,', '']
    : ['', ` To verify them before, type /verify ${who}.`];
  const lines = [
    notice(scene, scene.now, `${who} asks to be invited. The fingerprint of their identity key${known} is`),
    grouped(fingerprint, `${continuation}  `),
    `${continuation}To invite them, type ${first}/admit ${who}; if not, ${first}/dismiss ${who}.${verify}`,
  ];
  return withLookAlike(scene, user, lines.join('\n'));
}

function presentInvitation({ by, roomName, policy }: EventOf<'invited'>, scene: Scene): string {
  const who = safeName(by);
  if (policy.join === 'direct') {
    const text = `${who} invites you to a direct room: /msg ${who} enters it, /decline @${who} declines`;
    return withLookAlike(scene, by, notice(scene, scene.now, text));
  }
  const title = sanitiseLine(roomName, 60);
  const text = `${who} invites you to ${title} (${policyMeaning(policy)}): /join ${title} enters it, /decline ${title} declines`;
  return withLookAlike(scene, by, notice(scene, scene.now, text));
}

function presentAuthority(event: EventOf<'authority'>, scene: Scene): string {
  switch (event.status) {
    case 'announced': {
      const when = timeOfDay(event.from, scene.now);
      return notice(
        scene,
        scene.now,
        `the operator renews the certificate authority of the server, from ${when} on; there is nothing to do`,
      );
    }
    case 'renewed':
      return notice(scene, scene.now, 'the renewed certificate authority of the server is trusted from now on');
    case 'withdrawn':
      return alarm(
        scene,
        'The server has withdrawn the certificate authority that it had announced. The one before goes on. If the operator does not know of it, the key of that one is in other hands: ask the operator of the server.',
      );
    case 'disputed':
      return alarm(
        scene,
        'There are two successors of the certificate authority of this server, so its key is in other hands. Neither is trusted. Ask the operator of the server, outside this chat, for a new invitation line, and start chat with it.',
      );
    case 'forged':
      return alarm(
        scene,
        'The server has shown a certificate authority that the one before it has not signed. It is not trusted. The server may be deceiving you: ask its operator outside this chat.',
      );
  }
}

const troubleEnds: Readonly<Record<EventOf<'trouble-over'>['code'], string>> = {
  'not-stored': 'your profile is stored on the disk again',
  'messages-not-written': 'your messages are written into their folder again',
  'messages-not-erased': 'what was to be erased of your messages is erased now',
  'storage-full': 'the server stores messages again',
  'room-storage-full': 'the server stores messages again',
  'limit-reached': 'the server stores your messages again',
  'rooms-unread': 'all of your rooms are read to the end again',
  'links-unread': 'your client has read all links that members have opened to it again',
  'backup-failed': 'your backup is made again',
  'program-silent': 'this chat sends and receives again',
};

const presenters: { readonly [K in EventKind]: (event: EventOf<K>, scene: Scene) => string | null } = {
  connection: (event, scene) =>
    event.status === 'online'
      ? notice(scene, scene.now, 'connected')
      : notice(scene, scene.now, `offline: ${reasonOf(event.reason)}; trying again in ${duration(event.retryInMs)}`),
  authority: presentAuthority,
  refused: (event, scene) => alarm(scene, refusalSentence(event)),
  transfer: presentTransfer,
  room: presentRoomEvent,
  ready: ({ roomName }, scene) =>
    roomName === scene.currentRoom
      ? notice(scene, scene.now, 'the room key has arrived: you can read and write')
      : null,
  // `/members` shows it. Programs that connect for one message each would fill the screen.
  presence: () => null,
  read: () => null,
  'attention-changed': () => null,
  unheard: ({ user, forMs }, scene) => {
    const who = safeName(user);
    return alarm(
      scene,
      `${who} has not been heard for ${minutes(forMs)}, although the server says that ${who} is connected. The server may be keeping you apart, and the end of a membership from one of you. Type /verify, and compare the fingerprint of the log with ${who} outside this chat.`,
    );
  },
  'heard-again': ({ user, forMs }, scene) =>
    notice(scene, scene.now, `${safeName(user)} is heard again, after ${minutes(forMs)}`),
  behind: ({ user, seq, readSeq }, scene) =>
    alarm(
      scene,
      `${safeName(user)} has read this room up to position ${seq}, and the server has sent you nothing after position ${readSeq} for a minute. The server holds something back, or the program of ${safeName(user)} says what is not true. Send nothing secret here until you have talked to the other members outside this chat. Type /verify to compare the log.`,
    ),
  // Shown only when the member who made the keys is gone. `/members` shows the hub at any time.
  hub: ({ user, before }, scene) => {
    const { 'key-renewed': _, ...gone } = scene.departed;
    if (before === scene.me || !Object.values(gone).flat().includes(before)) return null;
    const makes = user === scene.me ? 'you make' : `${nameOrYou(user, scene)} makes`;
    return notice(scene, scene.now, `${makes} the keys of this room now, because ${safeName(before)} is gone`);
  },
  left: ({ roomName, elsewhere }, scene) => {
    const cause = elsewhere === true ? 'in another window' : 'as you asked before the connection was lost';
    return notice(scene, scene.now, `you left ${scene.title(roomName)}, ${cause}`);
  },
  'direct-moved': ({ user, from, kept }, scene) => {
    const who = safeName(user);
    const text = `you and ${who} opened a direct room at the same moment: it goes on in one room, with your messages`;
    const rest = `. What was said before is kept: "chat tail ${from} --no-follow" prints it, /leave ${from} erases it`;
    return notice(scene, scene.now, kept ? `${text}${rest}` : text);
  },
  invited: (event, scene) => (scene.isBlocked?.(event.by) === true ? null : presentInvitation(event, scene)),
  knock: (event, scene) => (scene.isBlocked?.(event.user) === true ? null : presentKnock(event, scene)),
  'knock-dismissed': ({ user, by }, scene) =>
    notice(scene, scene.now, `${safeName(by)} dismissed the request of ${safeName(user)} to be invited`),
  'knock-ended': ({ roomName }, scene) => {
    const title = sanitiseLine(roomName, 60);
    return notice(
      scene,
      scene.now,
      `your request to be invited to ${title} is over: no member has taken it up. /join ${title} asks again`,
    );
  },
  'invitation-ended': ({ user, forMs }, scene) => {
    const who = safeName(user);
    const text = `${who} has not joined within ${days(forMs)}, so the invitation has ended: /invite ${who} invites again`;
    return notice(scene, scene.now, text);
  },
  'key-wanted': presentKeyRequest,
  'left-out': ({ users, roomName }, scene) => {
    const [who, have] =
      users.length > 4
        ? [`${listed(users.slice(0, 3))} and ${users.length - 3} others`, 'have']
        : [listed(users), users.length === 1 ? 'has' : 'have'];
    const text = `${who} ${have} no key for ${scene.title(roomName)}, because they have not connected since the server was updated or restored, or their prekey was refused: they cannot read what is said there until they have connected`;
    return notice(scene, scene.now, text);
  },
  'identity-changed': ({ user, roomName, known, seen, verified }, scene) => {
    const who = safeName(user);
    const title = scene.title(roomName);
    return [
      alarm(scene, `The identity key of ${who} has changed. Another person may be using the name ${who}.`),
      `${continuation}old key${verified ? ', which you have verified' : ''}:\n${grouped(known, `${continuation}  `)}`,
      `${continuation}new key:\n${grouped(seen, `${continuation}  `)}`,
      `${continuation}Nothing is sent to ${title} until you decide. Ask ${who} outside this chat whether the new key is theirs.`,
      `${continuation}Only if it is, type /trust ${who}`,
    ].join('\n');
  },
  'identity-renewed': ({ user, known, seen, verified }, scene) => {
    const whose = user === scene.me ? 'Your' : `${safeName(user)}'s`;
    const signer = verified ? 'the key that you have verified' : 'the key that you have seen before';
    const now = verified ? 'The new key counts as verified' : 'The new key takes its place';
    return [
      alarm(scene, `${whose} identity key was renewed. It is signed by ${signer}.`),
      `${continuation}old key:\n${grouped(known, `${continuation}  `)}`,
      `${continuation}new key:\n${grouped(seen, `${continuation}  `)}`,
      `${continuation}${now}, and the safety number is another one.`,
      ...(user === scene.me
        ? []
        : [
            `${continuation}If ${safeName(user)} knows nothing of it, another person has that key: tell the operator of the server.`,
          ]),
    ].join('\n');
  },
  'renewal-complete': (_, scene) => notice(scene, scene.now, 'all of your rooms have your renewed identity key'),
  undelivered: presentUndelivered,
  'caught-up': () => null,
  stalled: ({ roomName, forMs }, scene) => {
    const title = scene.title(roomName);
    return alarm(
      scene,
      `The server has not sent the end of ${title} for ${minutes(forMs)}, so what you see of it may be old, and what you write there waits. The server may be holding something back, or the connection is too slow. If this lasts, ask the operator of the server, and the other members outside this chat what was said.`,
    );
  },
  'stall-over': ({ roomName }, scene) =>
    notice(scene, scene.now, `the server has sent the rest of ${scene.title(roomName)}`),
  'foreign-prekey': ({ ahead }, scene) =>
    alarm(
      scene,
      `The server has a key in your name that is signed with your identity key and that this profile did not make${ahead ? ', dated more than a day ahead' : ''}. If you have put this profile back from a copy, or have used a copy of it on another machine, that is the cause: use one copy only, and nothing else is to be done. If not, another person has your identity key, and can write as you and read what is said to you: ask the operator of the server to revoke your access, tell the members of your rooms, and enrol again under another name. The key was replaced by a new one of this profile.`,
    ),
  'server-lost-prekey': (_, scene) =>
    notice(
      scene,
      scene.now,
      'the server has lost your latest prekey, as after a restore from a backup; your client has stored it there again',
    ),
  'outdated-prekey': ({ user }, scene) =>
    notice(
      scene,
      scene.now,
      `the server has lost the latest prekey of ${safeName(user)} with other data, as after a restore from a backup, and shows an earlier one; your client encrypts nothing to that one, and ${safeName(user)} gets the keys of your rooms after connecting again`,
    ),
  'server-behind': ({ roomName, lost }, scene) =>
    notice(
      scene,
      scene.now,
      `the server has lost the latest ${lost} ${lost === 1 ? 'entry' : 'entries'} of ${scene.title(roomName)}, as after a restore from a backup; your client gives back what it has kept`,
    ),
  restored: ({ roomName, first, last, since, by }, scene) => {
    const count = last - first + 1;
    const whose = by.map((user) => (user === scene.me ? 'your client' : `${safeName(user)}'s client`)).join(' and ');
    const what = `${count} ${count === 1 ? 'entry' : 'entries'} of ${scene.title(roomName)} since ${timeOfDay(since, scene.now)}`;
    return notice(
      scene,
      scene.now,
      `the server had lost ${what}; by its word, ${whose} gave ${count === 1 ? 'it' : 'them'} back`,
    );
  },
  'other-log': ({ roomName }, scene) => {
    const title = scene.title(roomName);
    return alarm(
      scene,
      `The server's log of ${title} is not the one that you have read: some entries are others, as when members went on writing after the server was restored from a backup, or when the server deceives you. Compare with other members. Nothing is read or sent in ${title} now. To begin again with the server's log, type /leave ${title} and then /join ${title}, which asks the members there for an invitation if you need one.`,
    );
  },
  'room-deleted': ({ roomName }, scene) => {
    const title = scene.title(roomName);
    return alarm(
      scene,
      `The server says that its operator has deleted ${title}. Nothing is read or sent there any more. What you have read of it stays readable here; /leave ${title} erases it.`,
    );
  },
  'trouble-over': ({ code }, scene) => notice(scene, scene.now, troubleEnds[code]),
  trouble: ({ reason }, scene) => alarm(scene, `${reasonOf(reason)}.`),
};

/**
 * Returns the text for an event, with lines separated by line feeds; null when it is not shown. A label names the room when
 * it is not the current one.
 */
export function present(event: ClientEvent, scene: Scene): string | null {
  const shown = (presenters[event.kind] as (event: ClientEvent, scene: Scene) => string | null)(event, scene);
  if (shown === null || !needsLabel(event) || event.roomName === scene.currentRoom) return shown;
  return `${scene.palette.strong(`[${scene.title(event.roomName)}]`)} ${shown}`;
}

/** The texts of these events refer to "this room", or concern only one room. */
const labelled = new Set<EventKind>([
  'room',
  'hub',
  'knock',
  'knock-dismissed',
  'invitation-ended',
  'key-wanted',
  'unheard',
  'heard-again',
  'behind',
]);
const needsLabel = (event: ClientEvent): event is Extract<ClientEvent, { readonly roomName: string }> =>
  labelled.has(event.kind);
