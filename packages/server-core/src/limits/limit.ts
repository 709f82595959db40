/** What a bound of a server is: its default, what an operator may choose instead, and what the server does beyond it. */

/** One bound. Its name says the unit: one that ends with `Ms` counts milliseconds, one with `Byte` counts bytes, and the others numbers. */
export interface Limit {
  /** The value that counts unless the operator chooses another one. */
  readonly standard: number;
  /** The least and the greatest value with which a server and its clients work. */
  readonly range: readonly [least: number, most: number];
  /** Sentences for operators: what is bounded, and what the server does beyond it. */
  readonly help: string;
}

/** Bounds by their names. */
export type LimitTable = Readonly<Record<string, Limit>>;

/** A second in milliseconds. */
export const secondMs = 1_000;
/** A minute in milliseconds. */
export const minuteMs = 60 * secondMs;
/** Bytes of a kibibyte. */
export const kibibyte = 1_024;
/** Bytes of a mebibyte. */
export const mebibyte = 1_024 * kibibyte;
/** Bytes of a pebibyte: more than any disk, and still an exact number in all sums. */
export const pebibyte = 1_024 ** 5;
