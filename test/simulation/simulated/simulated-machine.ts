/** What a client's machine offers: a disk that takes time to write, and connections to the server. */
import type { Link, Stored, Transport, Vault } from '@chat/client';
import type { SegmentFiles } from '@chat/message-store';
import type { Fingerprint } from '@chat/protocol';
import type { SeededRandom } from './seeded-random.ts';
import type { SimulatedTime } from './simulated-time.ts';

/** The longest time that a save takes. */
const maxSaveMs = 20;

/** Returns the stored state of a user who has enrolled and never connected. The fingerprint stands for a certificate. */
export const newDisk = (fingerprint: Fingerprint): Stored => ({
  v: 2,
  certified: { tls: { privateKey: '', certificate: fingerprint }, chatPort: 1 },
  pins: {},
  prekeys: [],
  seenPrekeys: {},
  knocked: {},
  rooms: {},
});

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

/** @param alive returns false once the machine has crashed: then nothing that it has begun changes its files any more, nor ends */
export function simulatedSegments(files: SegmentFiles, alive: () => boolean): SegmentFiles {
  const whileAlive = <T>(work: () => Promise<T>): Promise<T> => (alive() ? work() : new Promise(() => {}));
  return {
    write: (file, blocks) => whileAlive(() => files.write(file, blocks)),
    read: (file, block) => whileAlive(() => files.read(file, block)),
    removeOthers: (kept) => whileAlive(() => files.removeOthers(kept)),
    close: () => files.close(),
  };
}

/** @param open opens a connection with the certificate for this key to the chat port, or with null to the enrolment port */
export const simulatedTransport = (open: (certificate: Fingerprint | null) => Promise<Link>): Transport => ({
  openChat: (_, { certificate }) => open(certificate),
  openEnrolment: () => open(null),
  newRequest: () => ({ privateKey: '', request: '' }),
  renewalTime: () => Number.MAX_SAFE_INTEGER,
});
