/** A real terminal: programs in tmux, which the test types into and reads as a user would. */
import { join } from 'node:path';
import { type Child, runChild, startChild, temporaryFolder } from '@chat/testkit';
import { onTestFailed } from 'vitest';

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

/**
 * A tmux server with a private socket. The child is a client in control mode: it prints a line whenever a window shows something, and
 * the server ends with it, as its last client, even if the client is killed.
 */
export class Tmux implements AsyncDisposable {
  readonly #client: Child;
  readonly #socket: string;

  private constructor(client: Child, socket: string) {
    this.#client = client;
    this.#socket = socket;
  }

  static async open(): Promise<Tmux> {
    const socket = join(temporaryFolder().path, 'tmux');
    const env = { ...process.env };
    delete env['TMUX'];
    const options = ['-u', '-S', socket, '-f', '/dev/null'];
    const client = startChild('tmux', [...options, '-C', 'new-session', '-s', 'test', 'cat'], { env, input: 'open' });
    client.stdin.write('set-option -s exit-unattached on\nrefresh-client -C 120x50\ndisplay-message -p opened\n');
    await client.prints(/^opened$/m);
    return new Tmux(client, socket);
  }

  /** Runs a command of tmux, and returns what it prints. */
  async run(...args: string[]): Promise<string> {
    const { code, out, err } = await runChild('tmux', ['-u', '-S', this.#socket, ...args]);
    if (code !== 0) throw new Error(`tmux ${args.join(' ')}: ${err}`);
    return out;
  }

  /** Runs a program in a window of its own, which stays after the program has ended. */
  async start(
    window: string,
    command: readonly string[],
    environment: Readonly<Record<string, string>>,
  ): Promise<Terminal> {
    const words = ['env', '-u', 'NO_COLOR', ...Object.entries(environment).map(([name, value]) => `${name}=${value}`)];
    const line = `${[...words, ...command].map(quoted).join(' ')}; echo "ended with $?"; cat`;
    await this.run('new-window', '-d', '-t', 'test', '-n', window, '/bin/sh', '-c', line);
    return new Terminal(this, window);
  }

  /** Returns the first screen that is accepted. Reads again whenever a window has shown something. */
  async until(terminal: Terminal, accepts: (screen: string) => boolean): Promise<string> {
    for (;;) {
      const { length } = this.#client.out;
      const screen = await terminal.screen();
      if (accepts(screen)) return screen;
      if (this.#client.hasEnded) throw new Error(`tmux ended:\n${screen}`);
      await this.#client.outputBeyond(length);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#client.hasEnded) await this.run('kill-server');
    await this.#client.ended;
  }
}

export class Terminal {
  readonly #tmux: Tmux;
  readonly #target: string;
  #lastScreen = '';

  constructor(tmux: Tmux, window: string) {
    this.#tmux = tmux;
    this.#target = `test:${window}`;
    onTestFailed(() => console.error(`the last screen of ${window}:\n${this.#lastScreen}`));
  }

  /**
   * Returns everything that the window has shown, scrollback included, without the empty lines. Lines that the program has continued in
   * further rows are joined again.
   */
  async screen(): Promise<string> {
    const text = await this.#tmux.run('capture-pane', '-p', '-J', '-S', '-', '-t', this.#target);
    this.#lastScreen = text
      .replace(/ +$/gm, '')
      .replace(/\n {6}\u2502 ?/g, ' ')
      .replace(/\n{2,}/g, '\n');
    return this.#lastScreen;
  }

  /** Types a text without the Enter key. */
  async write(text: string): Promise<void> {
    await this.#tmux.run('send-keys', '-t', this.#target, '-l', text);
  }

  async type(text: string): Promise<void> {
    await this.write(text);
    await this.#tmux.run('send-keys', '-t', this.#target, 'Enter');
  }

  async press(key: string): Promise<void> {
    await this.#tmux.run('send-keys', '-t', this.#target, key);
  }

  /** Resolves with the screen once it matches `pattern`. */
  shows(pattern: RegExp): Promise<string> {
    return this.#tmux.until(this, (screen) => pattern.test(screen));
  }
}
