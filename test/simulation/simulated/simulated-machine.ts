/** What a client's machine gives it: a disk that takes its time, and a way to the server. */
import { ClientError, type Link, type Stored, type Transport, type Vault } from '@chat/client';
import type { SeededRandom } from './seeded-random.ts';
import type { SimulatedTime } from './simulated-time.ts';

/** How long a save takes at most, in ms. */
const slowestSave = 20;

/** What is on the disk of somebody who has enrolled and never connected. */
export const newDisk: Stored = {
  v: 2,
  certified: { tls: { privateKey: '', certificate: '' }, chatPort: 1 },
  pins: {},
  prekeys: [],
  seenPrekeys: {},
  knocked: {},
  rooms: {},
};

/** @param write puts it on the disk, unless the machine has died meanwhile: then nobody is told any more */
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
        time.after(random.below(slowestSave), () => {
          // An older one that ends later changes nothing.
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
    throw new ClientError('unreachable', 'Nobody enrols in a simulation.');
  };
  return {
    openChat,
    openEnrolment: async () => unused(),
    newRequest: unused,
    renewalTime: () => Number.MAX_SAFE_INTEGER,
  };
}
