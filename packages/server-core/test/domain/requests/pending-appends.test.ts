/** Entries on their way through the store: published in order, and none after one that has failed. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PendingAppends } from '../../../src/domain/requests/pending-appends.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Appends to a store that answers when the test says so, and lists what happens. */
class Bed {
  readonly events: string[] = [];
  readonly pending = new PendingAppends((error) => void this.events.push(`failing ${error}`));
  readonly #answers: ((error?: string) => void)[] = [];

  add(publish: (at: number) => void = () => {}): void {
    const at = this.#answers.length;
    const stored = new Promise<void>((resolve, reject) => {
      this.#answers.push((error) => (error === undefined ? resolve() : reject(error)));
    });
    const options = {
      publish: () => {
        publish(at);
        this.events.push(`publish ${at}`);
        return at;
      },
      errorOf: (error: unknown) => new Error(`${error} of ${at}`),
    };
    this.pending.add(stored, options).then(
      (result) => this.events.push(`done ${result}`),
      (error: Error) => this.events.push(error.message),
    );
  }

  /** Lets the store answer for an entry, and returns what has happened. */
  async answer(at: number, error?: string): Promise<string[]> {
    this.events.length = 0;
    this.#answers[at]?.(error);
    await turn();
    return [...this.events];
  }
}

describe('entries', () => {
  test('are published in order, in whatever order the store answers', async () => {
    const bed = new Bed();
    for (let count = 0; count < 3; count++) bed.add();
    expect(await bed.answer(2)).toEqual([]);
    expect(await bed.answer(1)).toEqual([]);
    expect(await bed.answer(0)).toEqual(['publish 0', 'publish 1', 'publish 2', 'done 0', 'done 1', 'done 2']);
  });

  test('after a failed one fail with its error, when the store has answered for all; those before are published', async () => {
    const bed = new Bed();
    for (let count = 0; count < 4; count++) bed.add();
    expect(await bed.answer(1, 'full')).toEqual(['failing full']);
    expect(await bed.answer(2, 'other')).toEqual([]);
    expect(await bed.answer(0)).toEqual(['publish 0', 'done 0']);
    expect(await bed.answer(3)).toEqual(['full of 1', 'full of 2', 'full of 3']);
    bed.add();
    expect(await bed.answer(4)).toEqual(['publish 4', 'done 4']);
  });

  test('that cannot be published fail, and all after them', async () => {
    const bed = new Bed();
    bed.add();
    bed.add(() => {
      throw 'listener';
    });
    bed.add();
    await bed.answer(2);
    await bed.answer(1);
    expect(await bed.answer(0)).toEqual(['publish 0', 'failing listener', 'done 0', 'listener of 1', 'listener of 2']);
  });

  test('are each published or failed once, for every order of answers and failures', async () => {
    const answers = fc.array(fc.record({ fails: fc.boolean(), order: fc.nat(99) }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(answers, async (plan) => {
        const bed = new Bed();
        for (const _ of plan) bed.add();
        const all: string[] = [];
        for (const [at] of [...plan.entries()].sort(([, a], [, b]) => a.order - b.order)) {
          all.push(...(await bed.answer(at, plan[at]?.fails ? 'full' : undefined)));
        }
        const good = all.filter((event) => event.startsWith('done')).map((event) => Number(event.slice(5)));
        const bad = all.filter((event) => event.startsWith('full of')).map((event) => Number(event.slice(8)));
        expect(good).toEqual(good.map((_, at) => at));
        expect([...good, ...bad].sort((a, b) => a - b)).toEqual(plan.map((_, at) => at));
        // What the store refused is never published.
        expect(good.every((at) => plan[at]?.fails === false)).toBe(true);
      }),
    );
  });
});

describe('a wait', () => {
  test('for the latest entry ends when it is published or has failed, and at once without one', async () => {
    const bed = new Bed();
    await bed.pending.settled();
    bed.add();
    bed.add();
    void bed.pending.settled().then(() => bed.events.push('settled'));
    bed.add();
    expect(await bed.answer(0)).toEqual(['publish 0', 'done 0']);
    expect(await bed.answer(1)).toEqual(['publish 1', 'done 1', 'settled']);
    bed.add();
    void bed.pending.settled().then(() => bed.events.push('settled'));
    expect(await bed.answer(2, 'full')).toEqual(['failing full', 'settled']);
  });

  test('for the store ends when it has answered for all, after the failed ones are rejected', async () => {
    const bed = new Bed();
    await bed.pending.answered();
    bed.add();
    bed.add();
    void bed.pending.answered().then(() => bed.events.push('answered'));
    expect(await bed.answer(0, 'full')).toEqual(['failing full']);
    expect((await bed.answer(1)).sort()).toEqual(['answered', 'full of 0', 'full of 1']);
  });
});
