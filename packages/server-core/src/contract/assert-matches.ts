/** An assertion on a part of a value. */
import assert from 'node:assert/strict';

/**
 * Asserts that `actual` has every property of `expected`, at every depth. Arrays must have the same length. Properties that
 * `expected` does not name may have any value.
 */
export function assertMatches(actual: unknown, expected: unknown): void {
  assert.deepEqual(partOf(actual, expected), expected);
}

/** Returns the part of a value that has the shape of `expected`. */
function partOf(actual: unknown, expected: unknown): unknown {
  if (Array.isArray(actual) && Array.isArray(expected)) {
    return actual.map((item, index) => (index < expected.length ? partOf(item, expected[index]) : item));
  }
  if (!isObject(actual) || !isObject(expected)) return actual;
  return Object.fromEntries(
    Object.keys(expected)
      .filter((key) => key in actual)
      .map((key) => [key, partOf(actual[key], expected[key])]),
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
