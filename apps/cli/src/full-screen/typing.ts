/** What the user types: a draft for each room, the answer to a question, and what was entered before. */
import type { RoomName } from '@chat/protocol';
import { cuts, type Draft, emptyDraft, erasures, inOtherLine, movements, textOf, withText } from './composer/draft.ts';
import type { Action } from './keys.ts';

/** Entered lines that are recalled. */
const maxRecalled = 500;

const draftOf = (text: string): Draft => ({ before: text, after: '' });

const isIn = <T extends object>(table: T, name: PropertyKey): name is keyof T => Object.hasOwn(table, name);

/** The texts that the user composes. */
export class Typing {
  readonly #drafts = new Map<RoomName | null, Draft>();
  #room: RoomName | null = null;
  /** The answer to the question that stands in place of the draft; null when there is none. */
  #answer: Draft | null = null;
  #cut = '';
  readonly #entered: string[] = [];
  /** How far back the user has gone in what was entered; 0 for the draft. */
  #back = 0;
  /** The draft while the user looks at what was entered before. */
  #set = emptyDraft;

  /** Letters that were typed and are not in the draft yet: those of a long paste are put there together. */
  #letters = '';

  /** The text that the user edits now. */
  get draft(): Draft {
    this.#settle();
    return this.#edited;
  }

  get #edited(): Draft {
    return this.#answer ?? this.#drafts.get(this.#room) ?? emptyDraft;
  }

  #settle(): void {
    if (this.#letters !== '') this.#replace(withText(this.#edited, this.#letters));
    this.#letters = '';
  }

  /** The room to whose draft the user writes; null for the draft without a room. */
  get room(): RoomName | null {
    return this.#room;
  }

  get isEmpty(): boolean {
    return textOf(this.draft) === '';
  }

  /**
   * Goes to the draft of another room.
   *
   * @param carries true if the text is to come along, because the room in which it was typed has gone
   */
  goTo(room: RoomName | null, carries: boolean): void {
    this.#settle();
    const typed = this.#drafts.get(this.#room) ?? emptyDraft;
    if (room !== this.#room && carries && textOf(typed) !== '' && textOf(this.#drafts.get(room) ?? emptyDraft) === '') {
      this.#drafts.delete(this.#room);
      this.#drafts.set(room, typed);
    }
    if (room !== this.#room) this.#back = 0;
    this.#room = room;
  }

  /** Lets the user answer a question, or go on with the draft. */
  ask(isQuestion: boolean): void {
    this.#settle();
    this.#answer = isQuestion ? emptyDraft : null;
  }

  /** Returns the text, which is entered. Answers are not recalled. */
  enter(): string {
    const text = textOf(this.draft);
    if (this.#answer === null) {
      if (text.trim() !== '' && this.#entered.at(-1) !== text) this.#entered.push(text);
      if (this.#entered.length > maxRecalled) this.#entered.shift();
      this.#back = 0;
    }
    this.#replace(emptyDraft);
    return text;
  }

  insert(text: string): void {
    this.#letters += text;
  }

  /** Puts a text in place of what stands before the cursor. */
  replaceBefore(before: string): void {
    this.#replace({ before, after: this.draft.after });
  }

  /** Carries an edit out. Returns false if the action is none. */
  edit(action: Action): boolean {
    const { draft } = this;
    if (isIn(movements, action)) this.#replace(movements[action](draft));
    else if (isIn(erasures, action)) this.#replace(erasures[action](draft));
    else if (isIn(cuts, action)) this.#cutWith(cuts[action]);
    else if (action === 'put-back') this.insert(this.#cut);
    else if (action === 'new-line') this.insert('\n');
    else if (action === 'up') this.#vertically(-1);
    else if (action === 'down') this.#vertically(1);
    else return false;
    return true;
  }

  #cutWith(cut: (typeof cuts)[keyof typeof cuts]): void {
    const { draft, text } = cut(this.draft);
    if (text !== '') this.#cut = text;
    this.#replace(draft);
  }

  #vertically(by: -1 | 1): void {
    const moved = inOtherLine(this.draft, by);
    if (moved !== null) this.#replace(moved);
    else if (this.#answer === null) this.#recall(this.#back - by);
  }

  #recall(back: number): void {
    if (back < 0 || back > this.#entered.length) return;
    if (this.#back === 0) this.#set = this.draft;
    this.#back = back;
    this.#replace(back === 0 ? this.#set : draftOf(this.#entered.at(-back) ?? ''));
  }

  #replace(draft: Draft): void {
    if (this.#answer !== null) this.#answer = draft;
    else this.#drafts.set(this.#room, draft);
  }
}
