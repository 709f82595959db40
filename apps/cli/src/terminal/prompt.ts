/** Questions to a person. Leaving at one (Ctrl-C, Ctrl-D) ends the program. */
import { Failure } from '../command-error.ts';
import type { Console } from './console.ts';

export class Prompt {
  readonly #console: () => Console;

  /** `console` is called when something is asked or said: it may open the console only then. */
  constructor(console: () => Console) {
    this.#console = console;
  }

  print(text: string): void {
    this.#console().print(text);
  }

  /** What was answered, without the spaces around it. */
  async ask(question: string): Promise<string> {
    return (await this.#read(question, 'question')).trim();
  }

  /** What was typed, as it is, without being shown. Fails with `no-password` where nothing can be hidden. */
  async askSecret(question: string): Promise<string> {
    if (!this.#console().canHide) throw noPassword();
    return this.#read(question, 'secret');
  }

  async #read(prompt: string, kind: 'question' | 'secret'): Promise<string> {
    const line = await this.#console().read({ prompt, kind });
    if (line === null) throw new Failure('cancelled', 'Left at a prompt.');
    return line;
  }
}

export const noPassword = (): Failure =>
  new Failure(
    'no-password',
    'There is no terminal to ask for the password: name a file that holds it with --password-file, or set CHAT_PASSWORD.',
  );
