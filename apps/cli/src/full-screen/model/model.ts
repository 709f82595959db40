/** What the full screen shows of the rooms, and how it follows from what happens. Pure. */
import type { ClientEvent, MessageView } from '@chat/client';
import type { RoomName } from '@chat/protocol';
import type { RoomClientEvent } from '../../client-event.ts';
import { type EnteredRoom, ruleLine } from '../../screen/display.ts';
import { messageOf } from '../../screen/present-room.ts';
import {
  emptyLog,
  type RoomLog,
  withChange,
  withEarlier,
  withLatest,
  withMessage,
  withNote,
  withRule,
} from './room-log.ts';

/** The state of the full screen, besides what the client says of the rooms. */
export interface Model {
  /** The current room; null when there is none. */
  readonly current: RoomName | null;
  /** The logs of the rooms that were current ones; under null what was said without a room. */
  readonly logs: ReadonlyMap<RoomName | null, RoomLog>;
  /** When each room got its latest key while this program ran, in milliseconds since 1970. */
  readonly keyedAt: ReadonlyMap<RoomName, number>;
}

/** What happens. `at` is now, in milliseconds since 1970. */
export type Change =
  /** This program says something. */
  | { readonly kind: 'said'; readonly text: string; readonly at: number }
  /** The client reports an event. `text` is what line mode prints for it; null if that is nothing. */
  | { readonly kind: 'event'; readonly event: ClientEvent; readonly text: string | null; readonly at: number }
  /** The user has entered a room. */
  | { readonly kind: 'entered'; readonly room: EnteredRoom; readonly at: number }
  /** Another room is the current one, or none. */
  | { readonly kind: 'moved'; readonly roomName: RoomName | null }
  /** A page of messages from before has been read. */
  | { readonly kind: 'earlier'; readonly roomName: RoomName; readonly page: readonly MessageView[] };

/** Returns the state before anything has happened. */
export const firstModel: Model = {
  current: null,
  logs: new Map(),
  keyedAt: new Map(),
};

/** Returns the log of a room; null stands for no room. */
export const logOf = ({ logs }: Model, roomName: RoomName | null): RoomLog => logs.get(roomName) ?? emptyLog;

const withLog = (model: Model, roomName: RoomName | null, log: RoomLog): Model => ({
  ...model,
  logs: new Map([...model.logs, [roomName, log]]),
});

const noted = (model: Model, text: string | null, at: number): Model =>
  text === null ? model : withLog(model, model.current, withNote(logOf(model, model.current), text, at));

/** What was said, or has changed what was said. */
type Said = 'message' | 'newer' | 'edited' | 'deleted' | 'hidden' | 'reacted';
const saidKinds: ReadonlySet<string> = new Set<Said>(['message', 'newer', 'edited', 'deleted', 'hidden', 'reacted']);

function afterSaying(model: Model, change: Extract<Change, { kind: 'event' }>, whole: RoomClientEvent): Model {
  const { event, about, roomName, late } = whole;
  // The client counts what is unread there, and the messages are read when the user enters the room.
  if (roomName !== model.current) return model;
  const log = logOf(model, roomName);
  // A message whose key came late stands at the end, where the user sees it.
  if (event.kind === 'message') return withLog(model, roomName, withMessage(log, { ...messageOf(event, about), late }));
  if (event.kind === 'newer') {
    const { seq, user, fingerprint, at, number } = event;
    return withLog(model, roomName, withMessage(log, { seq, user, fingerprint, at, text: '', newer: number }));
  }
  const changed = about === undefined ? null : withChange(log, about);
  return changed === null ? noted(model, change.text, change.at) : withLog(model, roomName, changed);
}

function afterEvent(model: Model, change: Extract<Change, { kind: 'event' }>): Model {
  const { event, text, at } = change;
  if (event.kind === 'room' && saidKinds.has(event.event.kind)) return afterSaying(model, change, event);
  const isKeyed = event.kind === 'room' && event.event.kind === 'epoch' && event.live;
  const keyedAt = isKeyed ? new Map([...model.keyedAt, [event.roomName, at]]) : model.keyedAt;
  return noted({ ...model, keyedAt }, text, at);
}

/** Returns the state in which a room is the current one, with what was said before there was one, which the user may not have read yet. */
function at(model: Model, roomName: RoomName): Model {
  const here = { ...model, current: roomName };
  const { items } = logOf(model, null);
  if (model.current !== null || items.length === 0) return here;
  const said = items.filter((item) => item.kind === 'note');
  const log = said.reduce((to, note) => withNote(to, note.text, note.at), logOf(model, roomName));
  return withLog(withLog(here, null, emptyLog), roomName, log);
}

function afterEntering(model: Model, { roomName, messages, remarks }: EnteredRoom, now: number): Model {
  const latest = messages.map(({ message }) => message);
  // The messages of the current room are shown already.
  const isShown = model.current === roomName && latest.length === 0;
  const first = messages.find(({ rule }) => rule !== undefined);
  const rule = first?.rule === undefined ? null : { text: ruleLine(first.rule), before: first.message.seq };
  const shown = isShown
    ? model
    : withLog(model, roomName, withRule(withLatest(logOf(model, roomName), latest), rule, now));
  return remarks.reduce((to, text) => noted(to, text, now), at(shown, roomName));
}

/** Returns the state after something has happened. */
export function changed(model: Model, change: Change): Model {
  switch (change.kind) {
    case 'said':
      return noted(model, change.text, change.at);
    case 'event':
      return afterEvent(model, change);
    case 'entered':
      return afterEntering(model, change.room, change.at);
    case 'moved':
      return change.roomName === null ? { ...model, current: null } : at(model, change.roomName);
    case 'earlier':
      return withLog(model, change.roomName, withEarlier(logOf(model, change.roomName), change.page));
  }
}
