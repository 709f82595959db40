/** What `chat-server doctor` finds. */

/** One thing that it has looked at. */
export interface Finding {
  /** What that is, in a word or two. */
  readonly about: string;
  /** `problem`: the operator has to mend it. `note`: the operator may want to change it. */
  readonly level: 'well' | 'note' | 'problem';
  /** A sentence. */
  readonly text: string;
  /** The command that mends it, or that shows what to mend; null for what is well. */
  readonly remedy: string | null;
}

/** Returns a finding of something that is as it should be. */
export const well = (about: string, text: string): Finding => ({ about, level: 'well', text, remedy: null });

/** Returns a finding of something that the operator may want to change. */
export const note = (about: string, text: string, remedy: string): Finding => ({ about, level: 'note', text, remedy });

/** Returns a finding of something that the operator has to mend. */
export const problem = (about: string, text: string, remedy: string): Finding => ({
  about,
  level: 'problem',
  text,
  remedy,
});
