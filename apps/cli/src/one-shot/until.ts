/** Waiting for a client to get into a state. */
import type { Client } from '../client-surface.ts';
import type { Clock } from '../clock.ts';

/** Not every change of a room's state is an event, so it is looked at again this often, in milliseconds. */
const interval = 50;

/** Resolves with true when the condition holds, with false when `timeoutMs` have passed before. */
export function until(
  client: Pick<Client, 'subscribe'>,
  condition: () => boolean,
  { clock, timeoutMs }: { clock: Clock; timeoutMs: number },
): Promise<boolean> {
  const end = clock.now() + timeoutMs;
  return new Promise((resolve) => {
    let cancel = (): void => {};
    const finish = (held: boolean) => {
      cancel();
      unsubscribe();
      resolve(held);
    };
    const unsubscribe = client.subscribe(() => {
      if (condition()) finish(true);
    });
    const look = () => {
      if (condition()) finish(true);
      else if (clock.now() >= end) finish(false);
      else cancel = clock.after(interval, look);
    };
    look();
  });
}
