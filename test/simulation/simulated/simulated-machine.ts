/** What a client's machine offers: a disk that takes time to write, and connections to the server. */
import { ClientError, type Link, type Stored, type Transport, type Vault } from '@chat/client';
import type { SeededRandom } from './seeded-random.ts';
import type { SimulatedTime } from './simulated-time.ts';

/** The longest time that a save takes. */
const maxSaveMs = 20;

/** The stored state of a user who has enrolled and never connected. */
export const newDisk: Stored = {
  v: 2,
  certified: { tls: { privateKey: '', certificate: '' }, chatPort: 1 },
  pins: {},
  prekeys: [],
  seenPrekeys: {},
  knocked: {},
  rooms: {},
};

/** @param write stores the state and returns true; returns false if the machine has crashed since, and then the save never ends */
export function simulatedVault(
  { time, random }: { readonly time: SimulatedTime; readonly random: SeededRandom },
  write: (stored: Stored) => boolean,
): Vault {
  let asked = 0;
  let written = 0;
  return {
    save: (stored) =>
      new Promise((resolve) => {
        const order = ++asked;
        time.after(random.below(maxSaveMs), () => {
          // An older save that ends later changes nothing.
          if (order > written && !write(stored)) return;
          written = Math.max(order, written);
          resolve();
        });
      }),
    close: async () => {},
  };
}

export function simulatedTransport(openChat: () => Promise<Link>): Transport {
  const unused = () => {
    throw new ClientError('unreachable', 'A simulation has no enrolment.');
  };
  return {
    openChat,
    openEnrolment: async () => unused(),
    newRequest: unused,
    renewalTime: () => Number.MAX_SAFE_INTEGER,
  };
}
