/** The report of the demonstration: columns side by side. */
import { parsePayload, toBase64url } from '@chat/protocol';
import type { StoredEntry } from './server-log.ts';

const columnWidth = 46;

/** Cuts or pads a text to the width of a column. */
const fitted = (text: string) =>
  text.length > columnWidth ? `${text.slice(0, columnWidth - 1)}…` : text.padEnd(columnWidth);

/** Returns columns of lines under their headings, as one text. */
export function sideBySide(columns: Readonly<Record<string, readonly string[]>>): string {
  const headings = Object.keys(columns);
  const height = Math.max(...Object.values(columns).map((lines) => lines.length));
  const rows = Array.from({ length: height }, (_, row) => Object.values(columns).map((lines) => lines[row] ?? ''));
  const rule = headings.map(() => '─'.repeat(columnWidth));
  return [headings, rule, ...rows].map((cells) => cells.map(fitted).join(' │ ')).join('\n');
}

/** Returns one line for an entry as the server stores it. */
export function storedLine({ seq, entry }: StoredEntry): string {
  const message = entry.type === 'message' ? parsePayload('message', entry.payload) : null;
  const token = message === null ? null : toBase64url(message.token);
  return `${String(seq).padStart(2)} ${entry.type.padEnd(8)}${token ?? `by ${entry.by.slice(0, 12)}…`}`;
}
