/** Lists as commands print them. */
import { safeJson } from '../screen/sanitise.ts';
import type { Surroundings } from '../surroundings.ts';

/** For programs an object a line, for people `text`. */
export function printList(
  { stdout }: Surroundings,
  { json }: { readonly json: boolean },
  list: readonly unknown[],
  text: string,
): void {
  for (const line of json ? list.map(safeJson) : [text]) stdout.write(`${line}\n`);
}
