/** What a program reports of itself and the one that has its profile. */
import type { ClientEvent } from '../../events.ts';
import type { RoomView } from '../../view.ts';

/** Some events of the client have not reached this program. */
export const missedEvents: ClientEvent = {
  kind: 'trouble',
  code: 'events-missed',
  reason:
    'Some of what another program of this profile passed on has not reached this one, so it was not shown here. The messages are kept: /search finds them, and a room shows its latest ones when you enter it again.',
};

/** The program that has the profile is stopped, or hangs. */
export const silentHolder: ClientEvent = {
  kind: 'trouble',
  code: 'program-silent',
  reason:
    'The program that has this profile open does not answer, so nothing is sent and received here: it may be stopped, as by Ctrl-Z. Continue it there with fg, or end it: then this one goes on.',
};

/** The end of `silentHolder`. */
export const speakingHolder: ClientEvent = { kind: 'trouble-over', code: 'program-silent' };

/** Returns what a client with these rooms reports after its login. */
export const eventsAfterLogin = (rooms: readonly RoomView[]): readonly ClientEvent[] => [
  { kind: 'connection', status: 'online' },
  ...rooms.flatMap(({ roomId, roomName, caughtUp, hasKey, epoch }): readonly ClientEvent[] => [
    ...(caughtUp ? [{ kind: 'caught-up', roomId, roomName } as const] : []),
    ...(hasKey ? [{ kind: 'ready', roomId, roomName, epoch } as const] : []),
  ]),
];
