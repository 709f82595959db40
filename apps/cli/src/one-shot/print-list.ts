/** Prints lists, as text or as JSON. */

import { safeJson } from '@chat/safe-text';
import type { RunContext } from '../run-context.ts';
import { printLine } from '../terminal/print-line.ts';

/** Options of `printList`. */
export interface PrintListOptions {
  /** Print one JSON object in each line, instead of `text`. */
  readonly json: boolean;
  readonly list: readonly unknown[];
  readonly text: string;
}

/** Prints a list. */
export function printList({ stdout }: RunContext, { json, list, text }: PrintListOptions): void {
  if (json) for (const item of list) stdout.write(`${safeJson(item)}\n`);
  else printLine(stdout, text);
}
