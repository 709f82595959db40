/**
 * A histogram for what happens with each message. That of `prom-client` validates and looks up the labels of each observation, which takes
 * longer than many requests; this one adds two numbers, and `prom-client` writes them out when Prometheus asks.
 */
import type { Histogram, Registry } from 'prom-client';

/** Upper bounds in seconds: from a look-up in memory to what users wait for. */
const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5] as const;

/** The observations of one series. */
export class Tally {
  /** Observations for each bound that are not above it, and are above the one before. */
  readonly counts = new Float64Array(bounds.length);
  sum = 0;
  count = 0;

  /** Adds a time in seconds. */
  observe(seconds: number): void {
    this.sum += seconds;
    this.count += 1;
    for (let at = 0; at < bounds.length; at++) {
      if (seconds <= (bounds[at] as number)) {
        this.counts[at] = (this.counts[at] ?? 0) + 1;
        return;
      }
    }
  }
}

/** Options of `TalliedHistogram`. */
export interface TalliedHistogramOptions {
  readonly name: string;
  readonly help: string;
  /** The label by which its series differ; null: it has one series. */
  readonly label: string | null;
  readonly registry: Registry;
}

/** A histogram of times. */
export class TalliedHistogram {
  readonly name: string;
  readonly help: string;
  readonly type = 'histogram';
  readonly #label: string | null;
  readonly #series = new Map<string, Tally>();

  constructor({ name, help, label, registry }: TalliedHistogramOptions) {
    this.name = name;
    this.help = help;
    this.#label = label;
    if (label === null) this.series('');
    // A registry needs no more of a metric than this class has.
    registry.registerMetric(this as unknown as Histogram);
  }

  /** Returns the series with this value of the label. */
  series(value: string): Tally {
    let tally = this.#series.get(value);
    if (tally === undefined) {
      tally = new Tally();
      this.#series.set(value, tally);
    }
    return tally;
  }

  /** Returns the series as a registry reads them. */
  async get() {
    const values = [...this.#series].flatMap(([value, tally]) => {
      const labels = this.#label === null ? {} : { [this.#label]: value };
      let below = 0;
      const buckets = bounds.map((le, at) => {
        below += tally.counts[at] ?? 0;
        return { metricName: `${this.name}_bucket`, labels: { le, ...labels }, value: below };
      });
      return [
        ...buckets,
        { metricName: `${this.name}_bucket`, labels: { le: '+Inf', ...labels }, value: tally.count },
        { metricName: `${this.name}_sum`, labels, value: tally.sum },
        { metricName: `${this.name}_count`, labels, value: tally.count },
      ];
    });
    return { name: this.name, help: this.help, type: this.type, aggregator: 'sum', values };
  }
}
