/** The code of an error of the system. */

/** Returns the `code` of an error, `ENOENT` for example; null for what has none. */
export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
