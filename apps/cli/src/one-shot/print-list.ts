/** Lists as commands print them. */

import type { Surroundings } from '../run-context.ts';
import { safeJson } from '../screen/sanitise.ts';

/** For programs an object a line, for people `text`. */
export function printList(
  { stdout }: Surroundings,
  { json }: { readonly json: boolean },
  list: readonly unknown[],
  text: string,
): void {
  for (const line of json ? list.map(safeJson) : [text]) stdout.write(`${line}\n`);
}
