/** A text that the user is composing, and the edits of it. Each edit takes graphemes as a whole. */
import { graphemesOf } from '@chat/terminal-screen';

/** A text with a cursor in it. */
export interface Draft {
  /** The text before the cursor. */
  readonly before: string;
  readonly after: string;
}

/** The draft without a text. */
export const emptyDraft: Draft = { before: '', after: '' };

/** Returns the whole text of a draft. */
export const textOf = ({ before, after }: Draft): string => before + after;

/** An edit, and the text that it has cut; null if it cuts none. */
interface Cut {
  readonly draft: Draft;
  readonly text: string;
}

/** Returns a text with the cursor behind so many code units, or behind the grapheme in which that would be. */
function draftOf(text: string, place: number): Draft {
  // A line feed joins with nothing.
  let at = text.lastIndexOf('\n', place - 1) + 1;
  for (const grapheme of graphemesOf(text.slice(at))) {
    if (at >= place) break;
    at += grapheme.length;
  }
  return { before: text.slice(0, at), after: text.slice(at) };
}

/** Returns the draft with a text at the cursor, which may join with the letters beside it. */
export const withText = ({ before, after }: Draft, text: string): Draft =>
  draftOf(before + text + after, before.length + text.length);

const lineBefore = ({ before }: Draft): string => before.slice(before.lastIndexOf('\n') + 1);

function lineAfter({ after }: Draft): string {
  const end = after.indexOf('\n');
  return end < 0 ? after : after.slice(0, end);
}

/** Returns the draft with the cursor moved by code units, to the left if negative. */
const movedBy = (draft: Draft, by: number): Draft => draftOf(textOf(draft), draft.before.length + by);

function lengthBefore(draft: Draft): number {
  const line = lineBefore(draft);
  return line === '' ? Math.min(1, draft.before.length) : (graphemesOf(line).at(-1) ?? '').length;
}

function lengthAfter(draft: Draft): number {
  const line = lineAfter(draft);
  return line === '' ? Math.min(1, draft.after.length) : (graphemesOf(line)[0] ?? '').length;
}

const wordBefore = ({ before }: Draft): number => /\S*\s*$/u.exec(before)?.[0].length ?? 0;
const wordAfter = ({ after }: Draft): number => /^\s*\S*/u.exec(after)?.[0].length ?? 0;

/** The movements of the cursor. */
export const movements = {
  left: (draft: Draft): Draft => movedBy(draft, -lengthBefore(draft)),
  right: (draft: Draft): Draft => movedBy(draft, lengthAfter(draft)),
  'word-left': (draft: Draft): Draft => movedBy(draft, -wordBefore(draft)),
  'word-right': (draft: Draft): Draft => movedBy(draft, wordAfter(draft)),
  start: (draft: Draft): Draft => movedBy(draft, -lineBefore(draft).length),
  end: (draft: Draft): Draft => movedBy(draft, lineAfter(draft).length),
} as const;

const cutBefore = ({ before, after }: Draft, length: number): Cut => ({
  draft: draftOf(before.slice(0, before.length - length) + after, before.length - length),
  text: before.slice(before.length - length),
});
const cutAfter = ({ before, after }: Draft, length: number): Cut => ({
  draft: draftOf(before + after.slice(length), before.length),
  text: after.slice(0, length),
});

/** The erasures of one grapheme. */
export const erasures = {
  backspace: (draft: Draft): Draft => cutBefore(draft, lengthBefore(draft)).draft,
  delete: (draft: Draft): Draft => cutAfter(draft, lengthAfter(draft)).draft,
} as const;

/** The cuts, whose text can be put back elsewhere. At the end of a line, the cut to its end takes the line feed. */
export const cuts = {
  'cut-to-start': (draft: Draft): Cut => cutBefore(draft, lineBefore(draft).length),
  'cut-to-end': (draft: Draft): Cut => cutAfter(draft, lineAfter(draft).length || Math.min(1, draft.after.length)),
  'cut-word': (draft: Draft): Cut => cutBefore(draft, wordBefore(draft)),
} as const;

/** Returns the draft with the cursor a line above or below, as far right as it was; null if there is none. */
export function inOtherLine(draft: Draft, by: -1 | 1): Draft | null {
  const lines = textOf(draft).split('\n');
  const row = draft.before.split('\n').length - 1;
  const line = lines[row + by];
  if (line === undefined) return null;
  const column = graphemesOf(lineBefore(draft)).length;
  const start = lines.slice(0, row + by).reduce((sum, each) => sum + each.length + 1, 0);
  const at = start + graphemesOf(line).slice(0, column).join('').length;
  return movedBy(draft, at - draft.before.length);
}
