/** Questions to the user. Ctrl-C or Ctrl-D at a question ends the program. */
import { CommandError } from '../command-error.ts';
import type { Console } from './console.ts';

/** Asks the user questions. */
export class Prompt {
  readonly #console: () => Console;

  /** @param console is called for each question and each text, so that it can open the console on first use */
  constructor(console: () => Console) {
    this.#console = console;
  }

  print(text: string): void {
    this.#console().print(text);
  }

  /**
   * Returns the answer without surrounding white space.
   *
   * @param unseen the answer without a terminal, where the next line may be meant for something else. Default: the next line
   * @throws CommandError `cancelled` when the user leaves
   */
  async ask(question: string, unseen?: string): Promise<string> {
    if (unseen !== undefined && !this.#console().canHide) return unseen;
    return (await this.#read(question, 'question')).trim();
  }

  /**
   * Returns the answer unchanged. It is not shown while the user types it.
   *
   * @throws CommandError `no-password` without a terminal, `cancelled` when the user leaves
   */
  async askSecret(question: string): Promise<string> {
    if (!this.#console().canHide) throw noPasswordError();
    return this.#read(question, 'secret');
  }

  async #read(prompt: string, kind: 'question' | 'secret'): Promise<string> {
    const line = await this.#console().read({ prompt, kind });
    if (line === null) throw new CommandError('cancelled', 'The user left at a prompt.');
    return line;
  }
}

/** Returns the error for a password that cannot be asked for. */
export const noPasswordError = (): CommandError =>
  new CommandError(
    'no-password',
    'There is no terminal to ask for the password: name a file that contains it with --password-file, or set CHAT_PASSWORD.',
  );
