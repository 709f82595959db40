/** Where a person reads and types: a terminal, or plain streams when there is none. */

export interface ReadOptions {
  readonly prompt: string;
  /** `secret` is not shown while it is typed; only what was composed can be called back with the arrow keys. */
  readonly kind: 'compose' | 'question' | 'secret';
  /** Whether a line is to vanish from the screen once it is typed. */
  readonly erased?: (line: string) => boolean;
}

export interface Console {
  /** Whether something can be typed without being shown. */
  readonly canHide: boolean;
  /** Shows a block of text, lines separated by line feeds. */
  print(text: string): void;
  /** The next line, or null when there is none any more (end of input, or interrupted). */
  read(options: ReadOptions): Promise<string | null>;
  /** Changes the prompt of the line that is being composed, where one is. */
  setPrompt(prompt: string): void;
  close(): void;
}
