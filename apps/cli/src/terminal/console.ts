/** Where the user reads and types: a terminal, or plain streams without one. */

/** What a line may go on with. */
export interface Completion {
  /** The end of the line with which each of the candidates begins. */
  readonly part: string;
  /** Safe to print. */
  readonly candidates: readonly string[];
}

/** Options of `Console.read`. */
export interface ReadOptions {
  readonly prompt: string;
  /** A `secret` is not shown while the user types it. Only `compose` lines enter the history of the arrow keys. */
  readonly kind: 'compose' | 'question' | 'secret';
  /** Returns true for a line that is erased from the screen once it is entered. */
  readonly erased?: (line: string) => boolean;
  /** Returns what the Tab key makes of the line up to the cursor; null if it is a character there. Default: always a character. */
  readonly complete?: (line: string) => Completion | null;
  /** Called at Alt-A, while what the user types stays as it is. Default: the key does nothing. */
  readonly jump?: () => void;
}

/** A place where the program prints lines and reads the lines that the user types. */
export interface Console {
  /** True when a typed line can be hidden. */
  readonly canHide: boolean;
  /** Prints a block of lines, separated by line feeds. */
  print(text: string): void;
  /** Returns the next line; null at the end of input or after an interrupt. */
  read(options: ReadOptions): Promise<string | null>;
  /** Changes the prompt of the line that is being composed, if there is one. */
  setPrompt(prompt: string): void;
  close(): void;
}
