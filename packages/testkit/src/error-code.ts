/** The codes of errors, which tests compare instead of messages. */

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  throw error;
}

/** Returns the `code` of the error that `call` throws. Throws when `call` returns; rethrows an error without a code. */
export function thrownCode(call: () => unknown): string {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    return codeOf(error);
  }
  throw new Error('the call returned, but was expected to throw', { cause: result });
}

/** Returns the `code` of the error that `promise` rejects with. Rejects when it fulfils, or with an error without a code. */
export async function rejectedCode(promise: Promise<unknown>): Promise<string> {
  let result: unknown;
  try {
    result = await promise;
  } catch (error) {
    return codeOf(error);
  }
  throw new Error('the promise fulfilled, but was expected to reject', { cause: result });
}
