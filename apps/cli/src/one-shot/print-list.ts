/** Prints lists, as text or as JSON. */
import type { RunContext } from '../run-context.ts';
import { safeJson } from '../text/sanitise.ts';

/** Options of `printList`. */
export interface PrintListOptions {
  /** Print one JSON object in each line, instead of `text`. */
  readonly json: boolean;
  readonly list: readonly unknown[];
  readonly text: string;
}

/** Prints a list. */
export function printList({ stdout }: RunContext, { json, list, text }: PrintListOptions): void {
  for (const line of json ? list.map(safeJson) : [text]) stdout.write(`${line}\n`);
}
