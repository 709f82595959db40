/** Random numbers from a seed: the same seed gives the same run. */

export class SeededRandom {
  readonly #words: Uint32Array;

  constructor(seed: number) {
    this.#words = Uint32Array.of(seed, seed ^ 0x9e3779b9, 0xb7e15162, 1);
    for (let round = 0; round < 16; round++) this.#next();
  }

  /** sfc32. */
  #next(): number {
    const words = this.#words;
    const [a = 0, b = 0, c = 0, count = 0] = words;
    const sum = (a + b + count) >>> 0;
    words[0] = b ^ (b >>> 9);
    words[1] = c + (c << 3);
    words[2] = ((c << 21) | (c >>> 11)) + sum;
    words[3] = count + 1;
    return sum;
  }

  /** Returns a whole number from 0 to `limit - 1`. */
  below(limit: number): number {
    return Math.floor((this.#next() / 2 ** 32) * limit);
  }

  /** Returns a whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  chance(probability: number): boolean {
    return this.#next() < probability * 2 ** 32;
  }

  /** Returns one of the choices, or `undefined` if there is none. */
  pick<T>(choices: readonly T[]): T | undefined {
    return choices[this.below(choices.length)];
  }

  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    for (let at = 0; at < count; at += 4) {
      let word = this.#next();
      for (let i = at; i < Math.min(at + 4, count); i++, word >>>= 8) bytes[i] = word & 0xff;
    }
    return bytes;
  }
}
