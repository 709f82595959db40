/** The quantity of a table, and the text of its values. */

/** A measured quantity and its presentation. */
export interface Quantity {
  /** The name, as a heading or the start of a sentence. */
  readonly name: string;
  readonly better: 'more' | 'less';
  /** Bars in proportion to the best value of their row, or all on one logarithmic axis. */
  readonly scale: 'share' | 'logarithmic';
  text(value: number): string;
}

const digits = (value: number) => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3);

/** The speed of short operations. */
export const operationsPerSecond: Quantity = {
  name: 'Operations per second, medians',
  better: 'more',
  scale: 'share',
  text(value) {
    if (value >= 1e6) return `${(value / 1e6).toFixed(2)}M`;
    if (value >= 1e3) return `${(value / 1e3).toFixed(value >= 1e5 ? 0 : 1)}k`;
    return value.toFixed(value >= 100 ? 0 : 1);
  },
};

/** The duration of long operations. */
export const milliseconds: Quantity = {
  name: 'Milliseconds, medians',
  better: 'less',
  scale: 'logarithmic',
  text: digits,
};

/** The size of what is transmitted. */
export const bytes: Quantity = {
  name: 'Bytes',
  better: 'less',
  scale: 'logarithmic',
  text: (value) => `${Math.round(value)}`,
};
