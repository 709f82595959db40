/** Control sequences of terminals (ECMA-48, DEC, xterm). */

const csi = '\u001b[';

/** The cursor in a row and a column, both from 0. */
export const cursorAt = (row: number, column: number): string =>
  `${csi}${row + 1}${column === 0 ? '' : `;${column + 1}`}H`;

/** The cursor in another column of its row, from 0. */
export const columnAt = (column: number): string => `${csi}${column + 1}G`;

/** Clears from the cursor to the end of its row. */
export const clearRow = `${csi}K`;

/** Clears the whole screen. */
export const clearScreen = `${csi}2J`;

/**
 * The style of what follows (SGR).
 *
 * @param before the parameters of the style until now; empty for the plain style
 */
export const styleAfter = (before: string, parameters: string): string =>
  `${csi}${before !== '' && parameters !== '' ? '0;' : ''}${parameters}m`;

/** The cursor, shown and hidden (DECTCEM). */
export const cursor = { show: `${csi}?25h`, hide: `${csi}?25l` } as const;

/** The terminal shows what stands between these at once (DEC 2026). A terminal that does not know the mode ignores them. */
export const together = { begin: `${csi}?2026h`, end: `${csi}?2026l` } as const;

/**
 * Moves rows by the margins (DECSTBM) with IND and RI, which all terminals know. The cursor is elsewhere then.
 *
 * @param top the first row, from 0
 * @param bottom the row after the last one
 * @param by rows up; negative for down
 */
export function scrolled(top: number, bottom: number, by: number): string {
  const margins = `${csi}${top + 1};${bottom}r`;
  const steps = by > 0 ? cursorAt(bottom - 1, 0) + '\u001bD'.repeat(by) : cursorAt(top, 0) + '\u001bM'.repeat(-by);
  return `${margins}${steps}${csi}r`;
}

/** The modes of a program that fills the screen: the alternate screen, and no continuation of a full row in the next one (DECAWM). */
export const modes = {
  on: `${csi}?1049h${csi}?7l${csi}m`,
  off: `${csi}?7h${csi}m${cursor.show}${csi}?1049l`,
} as const;
