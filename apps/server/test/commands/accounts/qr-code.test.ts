/** What a terminal shows of a QR code can be read back. */
import decode from 'qr/decode.js';
import { expect, test } from 'vitest';
import { qrCode } from '../../../src/commands/accounts/qr-code.ts';

const line = `chat://chat.example.org:9998#${'a1'.repeat(32)}.bGV0LW1lLWluLXBsZWFzZQ`;
/** Pixels for each module: a reader needs several. */
const scale = 4;

/** Returns the picture that a terminal draws: half a character is a square. */
function pictureOf(text: string) {
  const halves = text
    .split('\n')
    .flatMap((row) => [[...row].map((each) => '▀█'.includes(each)), [...row].map((each) => '▄█'.includes(each))]);
  const width = (halves[0]?.length ?? 0) * scale;
  const height = halves.length * scale;
  const data = new Uint8Array(width * height * 4).fill(255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const isLight = halves[Math.floor(y / scale)]?.[Math.floor(x / scale)] === true;
      data.fill(isLight ? 255 : 0, (y * width + x) * 4, (y * width + x) * 4 + 3);
    }
  }
  return { width, height, data };
}

test('a code is read back as the line, with colours of its own on a terminal', () => {
  const plain = qrCode(line, false);
  expect(decode(pictureOf(plain))).toBe(line);
  const coloured = qrCode(line, true);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours of a terminal begin with one
  expect(coloured.replaceAll(/\u001b\[[\d;]*m/g, '')).toBe(plain);
  expect(coloured).not.toBe(plain);
  for (const row of plain.split('\n')) expect(row.length).toBeLessThanOrEqual(80);
});
