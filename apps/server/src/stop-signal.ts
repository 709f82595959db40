/** The signals that stop the server, the one that makes it read its configuration again, and those that do nothing. */
import { closeSync, openSync } from 'node:fs';

const signals = ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const;

/**
 * Ignores SIGUSR1 and SIGUSR2. Without a handler, SIGUSR1 opens the debugger of Node to every user of this machine, and SIGUSR2
 * ends the process in the middle of its work.
 */
export function ignoreUserSignals(): void {
  for (const signal of ['SIGUSR1', 'SIGUSR2'] as const) process.on(signal, () => undefined);
}

/**
 * Resolves with the first signal to stop. The next one ends the process at once, because the handlers are removed.
 *
 * SIGHUP calls `reload`, as operators expect of a server. It also comes when the terminal closes from which the server was started, and
 * then it stops the server, which otherwise would go on unseen. Windows sends it for nothing else.
 */
export function stopSignal(reload: () => void): Promise<NodeJS.Signals> {
  const hadTerminal = hasTerminal();
  const isHangUp = (): boolean => process.platform === 'win32' || (hadTerminal && !hasTerminal());
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      for (const each of signals) process.off(each, stop);
      resolve(signal);
    };
    for (const each of signals) process.on(each, stop);
    process.on('SIGHUP', () => (isHangUp() ? stop('SIGHUP') : reload()));
  });
}

/** Returns whether the process has a terminal from which signals can come. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
