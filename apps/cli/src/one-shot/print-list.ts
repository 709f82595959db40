/** Prints lists, as text or as JSON. */
import type { RunContext } from '../run-context.ts';
import { safeJson } from '../text/sanitise.ts';

/** Prints one JSON object in each line, or `text`. */
export function printList(
  { stdout }: RunContext,
  { json }: { readonly json: boolean },
  list: readonly unknown[],
  text: string,
): void {
  for (const line of json ? list.map(safeJson) : [text]) stdout.write(`${line}\n`);
}
