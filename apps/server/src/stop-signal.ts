/** Waits for the wish to stop. */

const signals = ['SIGINT', 'SIGTERM'] as const;

/** The first SIGINT or SIGTERM; the next one ends the process at once, as if nobody had listened. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      for (const each of signals) process.off(each, stop);
      resolve(signal);
    };
    for (const each of signals) process.on(each, stop);
  });
}
