/** The ways of a notification: the terminal's bell, its own notification, and the desktop's. */
import { spawn } from 'node:child_process';
import { sanitiseLine } from '@chat/safe-text';
import type { TerminalNotification } from '../config/terminal-notification.ts';
import type { Notification } from './notifier.ts';

/** Characters of a notification. */
const maxCharacters = 200;

/** Where notifications go. */
export interface Signals {
  /** Writes to the terminal; null without one. Bell and notifications move no cursor, so the line that the user types stays. */
  readonly write: ((codes: string) => void) | null;
  /** The notification that the terminal is known to show; null for none. */
  readonly terminal: TerminalNotification | null;
  /** Shows a text on the desktop. */
  desktop(text: string): void;
}

const terminalCode: Readonly<Record<TerminalNotification, (text: string) => string>> = {
  'osc-9': (text) => `\u001b]9;${text}\u0007`,
  'osc-777': (text) => `\u001b]777;notify;chat;${text}\u0007`,
};

/** Calls the user in each of the ways of a notification that there are here. */
export function signal({ write, terminal, desktop }: Signals, { text, ways }: Notification): void {
  // The terminal reads the code up to the first control character, so none may come from another user.
  const line = sanitiseLine(text, maxCharacters);
  if (write !== null && ways.includes('terminal') && terminal !== null) write(terminalCode[terminal](line));
  if (write !== null && ways.includes('bell')) write('\u0007');
  if (ways.includes('desktop')) desktop(line);
}

/** A program that shows a notification, with its arguments. No shell and no script reads the text. */
function desktopCommand(platform: string, text: string): readonly [program: string, ...words: string[]] | null {
  if (platform === 'darwin') {
    const script = ['on run argv', 'display notification (item 1 of argv) with title "chat"', 'end run'];
    return ['osascript', ...script.flatMap((line) => ['-e', line]), text];
  }
  // The first text is no markup, unlike the second one.
  return platform === 'win32' ? null : ['notify-send', '--app-name=chat', '--', text];
}

/** Shows a text on the desktop: with notify-send, on macOS with osascript. Does nothing where there is none of them. */
export function notifyDesktop(text: string): void {
  const command = desktopCommand(process.platform, text);
  if (command === null) return;
  const [program, ...words] = command;
  // The password of the profile may be among the variables of this program.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CHAT_')));
  const child = spawn(program, words, { env, stdio: 'ignore' });
  child.on('error', () => undefined);
  child.unref();
}
