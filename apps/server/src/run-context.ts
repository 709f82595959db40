/** What a command receives besides its arguments. */
export interface RunContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Writes lines to standard output. */
  readonly print: (text: string) => void;
}
