/** QR codes on a terminal: two modules, one above the other, are one character. */
import encode from 'qr';

/** Light modules around the code, which a reader needs to find it (ISO/IEC 18004). */
const quietZone = 4;
/** Characters by their two modules, dark or light: first the upper one. Light is what the character draws. */
const characters = { 'dark-dark': ' ', 'dark-light': '▄', 'light-dark': '▀', 'light-light': '█' } as const;
/** White on black, whatever the colours of the terminal are: readers need a dark code on a light ground. */
const colours = { on: '\u001b[38;5;231;48;5;16m', off: '\u001b[0m' } as const;

/**
 * Returns lines that draw the text as a QR code.
 *
 * @param isColoured whether the output goes to a terminal with colours; without them the code is right on a dark ground
 */
export function qrCode(text: string, isColoured: boolean): string {
  const rows = encode(text, 'raw', { ecc: 'medium', border: quietZone });
  const shade = (isDark: boolean | undefined) => (isDark === true ? 'dark' : 'light');
  const lines: string[] = [];
  for (let row = 0; row < rows.length; row += 2) {
    const upper = rows[row] ?? [];
    const line = upper
      .map((isDark, column) => characters[`${shade(isDark)}-${shade(rows[row + 1]?.[column])}`])
      .join('');
    lines.push(isColoured ? `${colours.on}${line}${colours.off}` : line);
  }
  return lines.join('\n');
}
