/** Waits for a state of the client. Every change of its state comes with an event. */
import type { Scheduler } from '@chat/client';
import type { Client } from '../client-surface.ts';

/** Resolves with true when the condition holds, with false after `timeoutMs`. */
export function until(
  client: Pick<Client, 'subscribe'>,
  condition: () => boolean,
  { clock, timeoutMs }: { clock: Scheduler; timeoutMs: number },
): Promise<boolean> {
  if (condition()) return Promise.resolve(true);
  return new Promise((resolve) => {
    const finish = (held: boolean) => {
      cancel();
      unsubscribe();
      resolve(held);
    };
    const cancel = clock.after(timeoutMs, () => finish(false));
    const unsubscribe = client.subscribe(() => {
      if (condition()) finish(true);
    });
  });
}
