/** Waiting for a client to get into a state: every change of one comes with an event. */
import type { Scheduler } from '@chat/client';
import type { Client } from '../client-surface.ts';

/** Resolves with true when the condition holds, with false when `timeoutMs` have passed before. */
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
