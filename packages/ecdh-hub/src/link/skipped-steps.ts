/**
 * The keys of the steps that a recipient has passed without their wraps, in ascending order, as one byte string:
 *
 *     for each: step (4) | step key (32)
 */
import { concat } from '../encoding/bytes.ts';
import { refuseState } from '../encoding/versioned-json.ts';
import { firstStep, linkKeyBytes } from './chain.ts';

/**
 * How many steps a wrap may be ahead of those before it, and late after those behind it. A lost or late wrap costs one step. With this bound
 * the state of one link has at most 49 kB of JSON, and the forged number of a step costs the recipient at most 1,024 derivations.
 */
export const maxSkippedSteps = 1024;

const stepBytes = 4;
const entryBytes = stepBytes + linkKeyBytes;

/** The size of the longest list. */
export const maxSkippedBytes = maxSkippedSteps * entryBytes;

/** Returns the key of a skipped step, in the memory of the list, or `null`. */
export function skippedKey(skipped: Uint8Array, step: number): Uint8Array | null {
  const at = positionOf(skipped, step);
  return stepAt(skipped, at) === step ? skipped.subarray(at + stepBytes, at + entryBytes) : null;
}

/** Returns the list without a step that is in it. */
export function withoutStep(skipped: Uint8Array, step: number): Uint8Array {
  const at = positionOf(skipped, step);
  return concat([skipped.subarray(0, at), skipped.subarray(at + entryBytes)]);
}

/** Returns a copy of the list without the steps before `step`. */
export function withoutStepsBefore(skipped: Uint8Array, step: number): Uint8Array {
  return skipped.slice(positionOf(skipped, step));
}

/** Returns the list with the keys of further steps, of which `firstAdded` is the first, and without those before `oldest`. */
export function withSteps(
  skipped: Uint8Array,
  added: readonly Uint8Array[],
  { firstAdded, oldest }: { readonly firstAdded: number; readonly oldest: number },
): Uint8Array {
  const entries = added.map((key, i) => {
    const entry = new Uint8Array(entryBytes);
    new DataView(entry.buffer).setUint32(0, firstAdded + i);
    entry.set(key, stepBytes);
    return entry;
  });
  return concat([skipped.subarray(positionOf(skipped, oldest)), ...entries]);
}

/**
 * Requires a list of steps in ascending order, all of them before `next` and none that `withSteps` would have left out.
 *
 * @throws HubError `invalid-state`
 */
export function requireSkipped(skipped: Uint8Array, next: number): void {
  if (skipped.length % entryBytes !== 0) refuseState('has a list of skipped steps that is cut');
  let lowest = Math.max(firstStep, next - 1 - maxSkippedSteps);
  for (let at = 0; at < skipped.length; at += entryBytes) {
    const step = stepAt(skipped, at) as number;
    if (step < lowest || step >= next - 1) refuseState('has skipped steps that are out of order or out of range');
    lowest = step + 1;
  }
}

/** Returns the offset of the first entry whose step is not before `step`. */
function positionOf(skipped: Uint8Array, step: number): number {
  let [low, high] = [0, skipped.length / entryBytes];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((stepAt(skipped, middle * entryBytes) as number) < step) low = middle + 1;
    else high = middle;
  }
  return low * entryBytes;
}

function stepAt(skipped: Uint8Array, at: number): number | null {
  return at < skipped.length ? new DataView(skipped.buffer, skipped.byteOffset).getUint32(at) : null;
}
