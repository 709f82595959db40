/** Ends waiting when a signal or Ctrl-C stops the program. */
import { CommandError } from './command-error.ts';

const stopped = (): CommandError => new CommandError('cancelled', 'Stopped.');

/**
 * Returns the outcome of the work.
 *
 * @throws CommandError `cancelled` as soon as `signal` is aborted
 */
export function unlessStopped<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(stopped());
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
