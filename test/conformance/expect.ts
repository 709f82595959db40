/** The assertions of the checks, which run without a test runner. */

export function expectSame(actual: unknown, expected: unknown): void {
  const [left, right] = [shown(actual), shown(expected)];
  if (left !== right) throw new Error(`got ${left} instead of ${right}`);
}

/** Expects that `run` throws or rejects with an error of this class and `code`. */
export async function expectError(
  type: new (...args: never[]) => Error & { readonly code: string },
  code: string,
  run: () => unknown,
): Promise<void> {
  let thrown: unknown;
  try {
    await run();
  } catch (error) {
    thrown = error;
  }
  if (!(thrown instanceof type)) throw new Error(`got ${thrown} instead of the library's error ${code}`);
  expectSame(thrown.code, code);
}

function shown(value: unknown): string {
  return value instanceof Uint8Array ? `bytes ${toHex(value)}` : JSON.stringify(value);
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
