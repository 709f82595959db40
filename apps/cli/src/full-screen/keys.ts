/** The keys of the full screen. */
import type { Key } from 'node:readline';
import { columnsText } from '@chat/command-line';
import type { cuts, erasures, movements } from './composer/draft.ts';

/** What a key does, besides the edits of what the user types. */
export type ScreenAction =
  | 'submit'
  | 'new-line'
  | 'up'
  | 'down'
  | 'put-back'
  | 'complete'
  | 'page-up'
  | 'page-down'
  | 'previous-room'
  | 'next-room'
  | 'unread-room'
  | 'list-keys'
  | 'draw-again'
  | 'end-of-input'
  | 'interrupt'
  | 'suspend';

/** What a key does. */
export type Action = ScreenAction | keyof typeof movements | keyof typeof erasures | keyof typeof cuts;

interface Binding {
  /** As the user reads them. */
  readonly label: string;
  readonly summary: string;
  /** The names of the keys, with what each of them does. */
  readonly keys: Readonly<Record<string, Action>>;
}

/** The keys, in the order in which help lists them. */
export const bindings: readonly Binding[] = [
  { label: 'Enter', summary: 'Send the text, or run the command.', keys: { return: 'submit' } },
  {
    label: 'Alt-Enter, Ctrl-J',
    summary: 'Begin a new line in the text.',
    keys: { 'alt-return': 'new-line', enter: 'new-line', 'alt-enter': 'new-line' },
  },
  { label: 'PgUp, PgDn', summary: 'Scroll through all messages.', keys: { pageup: 'page-up', pagedown: 'page-down' } },
  {
    label: 'Alt-Up, Alt-Down',
    summary: 'Enter the room above or below, as Ctrl-P and Ctrl-N do.',
    keys: { 'alt-up': 'previous-room', 'ctrl-p': 'previous-room', 'alt-down': 'next-room', 'ctrl-n': 'next-room' },
  },
  {
    label: 'Alt-A',
    summary: 'Enter the next room with unread messages: first those that name you.',
    keys: { 'alt-a': 'unread-room' },
  },
  { label: 'Tab', summary: 'Complete a command, a room, a user or an emoji.', keys: { tab: 'complete' } },
  {
    label: 'Up, Down',
    summary: 'Move between the lines of the text; at its ends, recall what you have entered before.',
    keys: { up: 'up', down: 'down' },
  },
  {
    label: 'Left, Right, Home, End',
    summary: 'Move in the text: as Ctrl-B, Ctrl-F, Ctrl-A, Ctrl-E; by words with Alt-B, Alt-F.',
    keys: {
      ...{ left: 'left', 'ctrl-b': 'left', right: 'right', 'ctrl-f': 'right' },
      ...{ home: 'start', 'ctrl-a': 'start', end: 'end', 'ctrl-e': 'end' },
      ...{ 'alt-b': 'word-left', 'ctrl-left': 'word-left', 'alt-left': 'word-left' },
      ...{ 'alt-f': 'word-right', 'ctrl-right': 'word-right', 'alt-right': 'word-right' },
    },
  },
  {
    label: 'Ctrl-U, Ctrl-K, Ctrl-W',
    summary: 'Cut the line to its start, to its end, or the word before. Ctrl-Y puts it back.',
    keys: { 'ctrl-u': 'cut-to-start', 'ctrl-k': 'cut-to-end', 'ctrl-w': 'cut-word', 'ctrl-y': 'put-back' },
  },
  {
    label: 'Backspace, Delete',
    summary: 'Erase a letter.',
    keys: { backspace: 'backspace', 'ctrl-h': 'backspace', 'alt-backspace': 'cut-word', delete: 'delete' },
  },
  { label: 'F1', summary: 'List the keys.', keys: { f1: 'list-keys' } },
  { label: 'Ctrl-L', summary: 'Draw the screen again.', keys: { 'ctrl-l': 'draw-again' } },
  { label: 'Ctrl-Z', summary: 'Suspend the program; fg goes on.', keys: { 'ctrl-z': 'suspend' } },
  {
    label: 'Ctrl-C, Ctrl-D',
    summary: 'Quit; Ctrl-D only if there is no text, else it erases a letter.',
    keys: { 'ctrl-c': 'interrupt', 'ctrl-d': 'end-of-input' },
  },
];

const actions = new Map<string, Action>(bindings.flatMap(({ keys }) => Object.entries(keys)));

/** Returns what a key does; null for a letter, and for a key that does nothing. */
export function actionOf({ name, ctrl, meta }: Key): Action | null {
  return actions.get(`${ctrl === true ? 'ctrl-' : ''}${meta === true ? 'alt-' : ''}${name ?? ''}`) ?? null;
}

const summaryColumn = 24;

/** Returns the list of the keys. */
export const keysText = (width: number): string =>
  columnsText(
    bindings.map(({ label, summary }) => ({ left: label, right: summary })),
    summaryColumn,
    width,
  );
