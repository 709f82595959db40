/**
 * A map by fingerprint, or by user name, that is never changed in place. A map with one more value shares all but a small part with
 * the one before, so that an entry of the log costs the same in a room of ten members and of thousands.
 */
import type { UserName } from '@chat/protocol';

/** A value that belongs to a user with this name. */
interface Named {
  readonly user: UserName;
}

/** The values of the keys of one bucket, ordered by key: so equal maps are equal in each part. */
type Bucket<T> = readonly (readonly [string, T])[];

/** Buckets of a map. */
const bucketCount = 256;

const noBuckets: readonly Bucket<never>[] = new Array<Bucket<never>>(bucketCount).fill([]);

/** The buckets and values that maps have copied so far, for tests of what a change costs. */
export const copied = { count: 0 };

/** Returns the value of a hex digit: less than 16 for any other character, too. */
const digit = (key: string, index: number): number => {
  const code = key.charCodeAt(index);
  return ((code & 15) + (code >> 6) * 9) & 15;
};

/** Number of characters of a fingerprint. A user name is shorter. */
const fingerprintLength = 64;

/** Returns a byte of the FNV-1a hash of a name. */
function nameByte(name: UserName): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index += 1) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  return (hash ^ (hash >>> 8) ^ (hash >>> 16) ^ (hash >>> 24)) & 255;
}

/** Fingerprints are hashes of keys, so their first byte makes buckets of one size. */
const bucketOf = (key: string): number =>
  key.length < fingerprintLength ? nameByte(key) : digit(key, 0) * 16 + digit(key, 1);

/** How a map differs from one before. */
export interface MapChanges<T> {
  /** The values that the one before does not have. */
  readonly put: readonly (readonly [key: string, value: T])[];
  /** The keys that only the one before has. */
  readonly gone: readonly string[];
}

/** Values by the fingerprints, or the names, of the users to whom they belong. A map has keys of one of the two kinds. */
export class UserMap<T> implements Iterable<readonly [string, T]> {
  /** No values. */
  static readonly empty: UserMap<never> = new UserMap<never>(noBuckets, 0);

  /** Number of values. */
  readonly size: number;
  readonly #buckets: readonly Bucket<T>[];
  #sorted: readonly T[] | null = null;
  /** The values by name. A map hands it on to the one that is made from it, because of a series of maps the last one is asked. */
  #byName: Map<UserName, readonly T[]> | null = null;

  private constructor(buckets: readonly Bucket<T>[], size: number) {
    this.#buckets = buckets;
    this.size = size;
  }

  /** Returns the map of a record, the form in which `toJSON` gives it, or the same map. */
  static of<T>(record: Readonly<Record<string, T>> | UserMap<T>): UserMap<T> {
    if (record instanceof UserMap) return record;
    const buckets: (readonly [string, T])[][] = Array.from({ length: bucketCount }, () => []);
    const entries = Object.entries(record);
    for (const entry of entries) buckets[bucketOf(entry[0])]?.push(entry);
    for (const bucket of buckets) bucket.sort(([a], [b]) => (a < b ? -1 : 1));
    copied.count += bucketCount + entries.length;
    return new UserMap(buckets, entries.length);
  }

  get(by: string): T | undefined {
    const bucket = this.#buckets[bucketOf(by)] ?? [];
    for (const [key, value] of bucket) if (key === by) return value;
    return undefined;
  }

  has(by: string): boolean {
    return this.get(by) !== undefined;
  }

  /** Returns the map with a value. */
  put(by: string, value: T): UserMap<T> {
    const before = this.get(by);
    const others = this.#othersOf(by);
    const at = others.findIndex(([key]) => key > by);
    const bucket = others.toSpliced(at === -1 ? others.length : at, 0, [by, value]);
    return this.#changed(by, bucket, { before, after: value });
  }

  /** Returns the map without a key: the same map when it does not have it. */
  without(by: string): UserMap<T> {
    const before = this.get(by);
    return before === undefined ? this : this.#changed(by, this.#othersOf(by), { before });
  }

  /**
   * Returns how this map differs from one from which it was made. Only the parts that the two do not share are compared.
   *
   * @param limit the largest number of changes that is of interest
   * @returns null if there are more
   */
  changesSince(before: UserMap<T>, limit: number): MapChanges<T> | null {
    const put: (readonly [string, T])[] = [];
    const gone: string[] = [];
    for (const [index, bucket] of this.#buckets.entries()) {
      const earlier = before.#buckets[index] ?? [];
      if (bucket === earlier) continue;
      const values = new Map(earlier);
      for (const [key, value] of bucket) if (!values.has(key) || values.get(key) !== value) put.push([key, value]);
      for (const [key] of bucket) values.delete(key);
      gone.push(...values.keys());
      if (put.length + gone.length > limit) return null;
    }
    return { put, gone };
  }

  /** Returns the map after these changes. */
  changedBy({ put, gone }: MapChanges<T>): UserMap<T> {
    let map: UserMap<T> = this;
    for (const [key, value] of put) map = map.put(key, value);
    for (const key of gone) map = map.without(key);
    return map;
  }

  /** Returns the values, ordered by fingerprint. */
  values(): T[] {
    return this.#buckets.flatMap((bucket) => bucket.map(([, value]) => value));
  }

  /** Returns the values in an order, which MUST be the same at every call for this map. */
  sorted(order: (a: T, b: T) => number): readonly T[] {
    this.#sorted ??= this.values().sort(order);
    return this.#sorted;
  }

  /** Returns a value of the user with this name; null when there is none. */
  named(this: UserMap<T & Named>, user: UserName): T | null {
    if (this.#byName === null) {
      this.#byName = new Map();
      for (const value of this.values()) addName(this.#byName, value);
    }
    return this.#byName.get(user)?.[0] ?? null;
  }

  *[Symbol.iterator](): Iterator<readonly [string, T]> {
    for (const bucket of this.#buckets) yield* bucket;
  }

  /** Returns the values as a record. */
  toJSON(): Record<string, T> {
    return Object.fromEntries(this);
  }

  #othersOf(by: string): Bucket<T> {
    return (this.#buckets[bucketOf(by)] ?? []).filter(([key]) => key !== by);
  }

  /** Returns the map with another bucket for a key, in which one value was added, replaced or removed. */
  #changed(by: string, bucket: Bucket<T>, { before, after }: { before?: T | undefined; after?: T }): UserMap<T> {
    const size = this.size + (after === undefined ? 0 : 1) - (before === undefined ? 0 : 1);
    const next = new UserMap(this.#buckets.with(bucketOf(by), bucket), size);
    copied.count += bucketCount + bucket.length;
    const names = this.#byName as Map<UserName, readonly Named[]> | null;
    if (names === null) return next;
    this.#byName = null;
    if (before !== undefined) dropName(names, before as Named);
    if (after !== undefined) addName(names, after as Named);
    next.#byName = names as Map<UserName, readonly (T & Named)[]>;
    return next;
  }
}

/** Adds a value to those of its name. */
function addName<T extends Named>(names: Map<UserName, readonly T[]>, value: T): void {
  names.set(value.user, [...(names.get(value.user) ?? []), value]);
}

/** Removes a value from those of its name, which another one may share. */
function dropName<T extends Named>(names: Map<UserName, readonly T[]>, value: T): void {
  const others = (names.get(value.user) ?? []).filter((other) => other !== value);
  if (others.length === 0) names.delete(value.user);
  else names.set(value.user, others);
}
