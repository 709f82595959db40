/** Steps of a renewal that all clients of a run leave out, so that the checks are seen to find it. */
import { Pins } from '../../../packages/client/src/identity/pins.ts';
import { RoomIdentities } from '../../../packages/client/src/renewal/room-identities.ts';

/** Puts another method in place of one of all objects of a class. Returns a function that puts it back. */
function replaced<T, K extends keyof T>(prototype: T, name: K, method: T[K]): () => void {
  const before = prototype[name];
  prototype[name] = method;
  return () => {
    prototype[name] = before;
  };
}

export interface PlantedOmission {
  /** What clients do not do. */
  readonly name: string;
  /** What the checks say of it. */
  readonly fault: RegExp;
  /** Plants it. Returns a function that ends it. */
  readonly plant: () => () => void;
}

export const plantedOmissions: readonly PlantedOmission[] = [
  {
    name: 'give the renewed key to their rooms',
    fault: /the room has an earlier key/,
    plant: () => replaced(RoomIdentities.prototype, 'renewOwn', () => {}),
  },
  {
    name: 'let their pins follow',
    fault: /"identity-changed"/,
    plant: () => replaced(Pins.prototype, 'follow', () => null),
  },
];
