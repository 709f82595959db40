/** Being stopped by a signal or Ctrl-C, as a promise. */
import { Failure } from './command-error.ts';

const stopped = (): Failure => new Failure('cancelled', 'Stopped.');

/** The work's outcome, or `cancelled` as soon as the signal says so. */
export function unlessStopped<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(stopped());
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
