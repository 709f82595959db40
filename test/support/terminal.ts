/** A real terminal: programs in tmux, typed at and read as a person would. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const patience = 20_000;

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

export class Tmux implements AsyncDisposable {
  readonly #socket: string;

  constructor(name: string) {
    this.#socket = `chat-${name}-${process.pid}`;
  }

  async tmux(...args: string[]): Promise<string> {
    const { stdout } = await run('tmux', ['-L', this.#socket, '-f', '/dev/null', ...args]);
    return stdout;
  }

  /** Runs a program in a window of its own; it stays after the program has ended. */
  async start(
    window: string,
    command: readonly string[],
    environment: Readonly<Record<string, string>>,
  ): Promise<Terminal> {
    const words = ['env', '-u', 'NO_COLOR', ...Object.entries(environment).map(([name, value]) => `${name}=${value}`)];
    const line = `${[...words, ...command].map(quoted).join(' ')}; echo "ended with $?"; cat`;
    await this.tmux('new-session', '-d', '-s', window, '-x', '120', '-y', '50', line);
    return new Terminal(this, window);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tmux('kill-server').catch(() => {
      // No window was ever opened.
    });
  }
}

export class Terminal {
  readonly #tmux: Tmux;
  readonly #window: string;

  constructor(tmux: Tmux, window: string) {
    this.#tmux = tmux;
    this.#window = window;
  }

  /** Everything that it showed, scrollback included, without the empty lines. */
  async screen(): Promise<string> {
    const text = await this.#tmux.tmux('capture-pane', '-p', '-J', '-S', '-', '-t', this.#window);
    return text.replace(/ +$/gm, '').replace(/\n{2,}/g, '\n');
  }

  async type(text: string): Promise<void> {
    await this.#tmux.tmux('send-keys', '-t', this.#window, '-l', text);
    await this.#tmux.tmux('send-keys', '-t', this.#window, 'Enter');
  }

  async press(key: string): Promise<void> {
    await this.#tmux.tmux('send-keys', '-t', this.#window, key);
  }

  /** Resolves with the screen once it shows this; rejects with what it shows when it never does. */
  async shows(wanted: RegExp): Promise<string> {
    const end = Date.now() + patience;
    for (;;) {
      const screen = await this.screen();
      if (wanted.test(screen)) return screen;
      if (Date.now() > end) throw new Error(`${wanted} never came up; the screen shows:\n${screen}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
