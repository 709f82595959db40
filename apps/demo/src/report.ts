/** What the demonstration prints: columns side by side. */
import type { StoredEntry } from './server-log.ts';

const width = 46;

const cut = (text: string) => (text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width));

/** Columns of lines under their headings, as one text. */
export function sideBySide(columns: Readonly<Record<string, readonly string[]>>): string {
  const headings = Object.keys(columns);
  const height = Math.max(...Object.values(columns).map((lines) => lines.length));
  const rows = Array.from({ length: height }, (_, row) => Object.values(columns).map((lines) => lines[row] ?? ''));
  const rule = headings.map(() => '─'.repeat(width));
  return [headings, rule, ...rows].map((cells) => cells.map(cut).join(' │ ')).join('\n');
}

/** One line for an entry as the server has it. */
export function storedLine({ seq, entry }: StoredEntry): string {
  const payload: unknown = JSON.parse(entry.payload);
  const token = typeof payload === 'object' && payload !== null && 'token' in payload ? String(payload.token) : null;
  return `${String(seq).padStart(2)} ${entry.type.padEnd(8)}${token ?? `by ${entry.by.slice(0, 12)}…`}`;
}
