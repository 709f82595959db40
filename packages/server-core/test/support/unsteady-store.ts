/** A store whose answers a test holds back, and which fails on demand, before or after it has done what was asked. */
import { createMemoryStore, MemoryDisk } from '../../src/contract/index.ts';
import type { Appending, Store } from '../../src/index.ts';

export interface Fate {
  /** Wait for `release`, before the append or between it and its answer. */
  readonly hold?: 'before' | 'after';
  /** Reject, without the append or in place of its answer. */
  readonly fail?: 'before' | 'after';
}

export class UnsteadyStore {
  /** What becomes of the next appends, in order; those beyond are carried out. */
  plan: Fate[] = [];
  holdReads = false;
  /** Loads that fail from now on. */
  failLoads = 0;
  closed = 0;
  /** Pages that were read. */
  reads = 0;
  /** Ends the store. */
  readonly fail: (error: Error) => void;
  readonly store: Store;
  #held: (() => void)[] = [];

  constructor() {
    const memory = createMemoryStore(new MemoryDisk());
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

  /** What is held at the moment. */
  get waiting(): number {
    return this.#held.length;
  }

  /** Lets these of what is held go on, in this order; all of it when none are given. */
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
