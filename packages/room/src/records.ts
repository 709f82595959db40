/**
 * The records of a room's state by fingerprint. States share a record until an entry changes it. What is asked of a record for each
 * entry, the users in order and their names, is derived once from it.
 */
import type { Fingerprint, UserName } from '@chat/protocol';

/** Values by the fingerprints of the users to whom they belong. */
export type ByUser<T> = Readonly<Record<Fingerprint, T>>;

interface Named {
  readonly user: UserName;
}

/** What was derived from a record of users. */
interface Derived {
  names?: Set<UserName>;
  sorted?: readonly Named[] | undefined;
}

const derived = new WeakMap<ByUser<unknown>, Derived>();

function derivedFrom(record: ByUser<Named>): Derived {
  const known = derived.get(record);
  if (known !== undefined) return known;
  const nothing: Derived = {};
  derived.set(record, nothing);
  return nothing;
}

/** Returns whether one of these users has this name. */
export function hasName(users: ByUser<Named>, user: UserName): boolean {
  const known = derivedFrom(users);
  known.names ??= new Set(Object.values(users).map((each) => each.user));
  return known.names.has(user);
}

/** Returns the users of a record in an order, which MUST be the same at every call for that record. */
export function sortedUsers<T extends Named>(users: ByUser<T>, order: (a: T, b: T) => number): readonly T[] {
  const known = derivedFrom(users);
  known.sorted ??= Object.values(users).sort(order);
  return known.sorted as readonly T[];
}

/** How the rule of an entry puts a value into a record. */
export interface RecordWriter {
  /** Returns the record with a value. The caller MUST NOT use the record that it passed any more. */
  put<T>(record: ByUser<T>, by: Fingerprint, value: T): ByUser<T>;
}

/** Copies the record for each value, so that the state before the entry stays as it was. */
export const copies: RecordWriter = { put: (record, by, value) => ({ ...record, [by]: value }) };

/**
 * Copies a record once, and puts further values into the copy: to read a thousand joins, a thousand copies of up to a thousand members
 * are not made. For states that follow each other, of which only the last one is passed on.
 */
export class OwnRecords implements RecordWriter {
  /** The copies. No state from outside has one of them. */
  readonly #own = new WeakSet<ByUser<unknown>>();

  put<T>(record: ByUser<T>, by: Fingerprint, value: T): ByUser<T> {
    if (!this.#own.has(record)) {
      const copy = copies.put(record, by, value);
      this.#own.add(copy);
      return copy;
    }
    const known = derived.get(record);
    // Only a name that is added is known without the others, which one of them may share.
    if (known !== undefined) {
      if (Object.hasOwn(record, by)) derived.delete(record);
      else this.#note(known, value as Named);
    }
    (record as Record<Fingerprint, T>)[by] = value;
    return record;
  }

  #note(known: Derived, { user }: Named): void {
    known.names?.add(user);
    known.sorted = undefined;
  }
}
