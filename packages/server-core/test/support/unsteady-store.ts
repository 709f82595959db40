/** A store whose calls a test holds back or lets fail, before or after they take effect. */
import { createMemoryStore, MemoryDisk } from '../../src/contract/index.ts';
import type { Appending, Store } from '../../src/index.ts';

export interface Fate {
  /** Wait for `release` before the append, or after it and before the answer. */
  readonly hold?: 'before' | 'after';
  /** Reject before the append, or after it in place of the answer. */
  readonly fail?: 'before' | 'after';
}

export class UnsteadyStore {
  /** Fates of the next appends, in order. Later ones succeed. */
  plan: Fate[] = [];
  holdReads = false;
  /** Number of loads that fail from now on. */
  failLoads = 0;
  closed = 0;
  /** Number of pages that were read. */
  reads = 0;
  /** Makes the store end by itself. */
  readonly fail: (error: Error) => void;
  readonly store: Store;
  #held: (() => void)[] = [];

  constructor(disk = new MemoryDisk()) {
    const memory = createMemoryStore(disk);
    const { append, load, read } = memory;
    let fail: (error: Error) => void = () => {};
    const failed = new Promise<Error>((resolve) => {
      fail = resolve;
    });
    this.fail = fail;
    this.store = Object.assign(memory, {
      failed,
      append: async (entry: Appending) => {
        const { hold, fail } = this.plan.shift() ?? {};
        if (hold === 'before') await this.#wait();
        if (fail === 'before') throw new Error('disk full');
        await append(entry);
        if (hold === 'after') await this.#wait();
        if (fail === 'after') throw new Error('the answer got lost');
      },
      load: async (room: string) => {
        if (this.failLoads-- > 0) throw new Error('disk on fire');
        return load(room);
      },
      read: async (...page: Parameters<Store['read']>) => {
        this.reads += 1;
        if (this.holdReads) await this.#wait();
        return read(...page);
      },
      close: async () => {
        this.closed += 1;
      },
    });
  }

  /** Number of calls that are held back. */
  get waiting(): number {
    return this.#held.length;
  }

  /** Lets these held calls continue, in this order; all of them when none are given. */
  release(...order: number[]): void {
    const chosen = order.length > 0 ? order.map((index) => this.#held[index]) : [...this.#held];
    this.#held = this.#held.filter((each) => !chosen.includes(each));
    for (const go of chosen) go?.();
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#held.push(resolve);
    });
  }
}
