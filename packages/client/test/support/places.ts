/** Where a program finds its profile open, one place after the other. */
import type { ClientEvent } from '@chat/client';
import { onTestFinished } from 'vitest';
import { GuestLink } from '../../src/node/shared/guest-link.ts';
import type { Holder } from '../../src/node/shared/holder/holder.ts';
import type { Open, OwnClient } from '../../src/node/shared/opened-profile.ts';
import { SharedClient } from '../../src/node/shared/shared-client.ts';
import { fakeClient, key, listening } from './fake-holder.ts';

type Place = string | OwnClient;

/** Where a program finds the profile, one place after the other. */
export class Places {
  readonly #places: Place[] = [];
  readonly #waiting: ((place: Place) => void)[] = [];

  add(place: Place): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#places.push(place);
    else waiting(place);
  }

  /** Resolves with the next place. Rejects once the program does not want the profile any more. */
  next(signal: AbortSignal): Promise<Place> {
    const place = this.#places.shift();
    if (place !== undefined) return Promise.resolve(place);
    return new Promise((resolve, reject) => {
      this.#waiting.push(resolve);
      const leave = () => reject(new Error('closed'));
      signal.addEventListener('abort', leave);
      if (signal.aborted) leave();
    });
  }

  /** Opens the profile where it is next. */
  readonly open: Open = async (ends) => {
    const place = await this.next(ends.signal);
    if (typeof place !== 'string') return place;
    const link = await GuestLink.open({ ...ends, path: place, key, patienceMs: 3_600_000, silenceMs: 10_000 });
    if (link === null) throw new Error('no holder');
    return { kind: 'linked', link };
  };
}

/** A holder with these rooms, which serves. */
export async function serving(...args: Parameters<typeof fakeClient>) {
  const { path, holder } = await listening();
  const { connection, report } = fakeClient(...args);
  holder.serve(connection);
  return { path, holder, report };
}

/** Ends a holder as a program does that ends. */
export function end(holder: Holder): void {
  holder.stop();
  holder.end();
}

/** The client of this process. */
export const own = (...args: Parameters<typeof fakeClient>): OwnClient => ({
  kind: 'own',
  connection: fakeClient(...args).connection,
  holder: null,
});

/** Opens the profile at the first place, and collects what is reported. */
export async function opened(places: Places) {
  const client = await SharedClient.open(places.open);
  onTestFinished(() => client.close());
  const events: ClientEvent[] = [];
  client.subscribe((event) => events.push(event));
  return { client, events };
}
