/** The signals that stop the server, and those that do nothing. */

/** SIGHUP comes when the terminal closes. A server that is to outlive it needs a session of its own (systemd, setsid). */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * Ignores SIGUSR1 and SIGUSR2. Without a handler, SIGUSR1 opens the debugger of Node to every user of this machine, and SIGUSR2
 * ends the process in the middle of its work.
 */
export function ignoreUserSignals(): void {
  for (const signal of ['SIGUSR1', 'SIGUSR2'] as const) process.on(signal, () => undefined);
}

/** Resolves with the first signal to stop. The next one ends the process at once, because the handlers are removed. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      for (const each of signals) process.off(each, stop);
      resolve(signal);
    };
    for (const each of signals) process.on(each, stop);
  });
}
