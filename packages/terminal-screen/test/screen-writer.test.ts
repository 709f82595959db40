/** What a terminal shows after any sequence of frames. */

import { type Cell, type ColourDepth, cellsOf, type Frame, modes, type Row, ScreenWriter } from '@chat/terminal-screen';
import { type EmulatedCell, Emulator } from '@chat/testkit/emulator';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const sgr = (parameters: string, text: string) => `\u001b[${parameters}m${text}\u001b[m`;

const frameOf = (rows: readonly Row[], more: Partial<Frame> = {}): Frame => ({
  rows,
  cursor: null,
  moving: null,
  ...more,
});

/** What a terminal shows for a cell. */
function expectedCell({ text, style }: Cell): EmulatedCell {
  const parameters = style.split(';');
  const indexed = /38;5;(\d+)$/.exec(style)?.[1];
  return {
    text,
    isBold: parameters[0] === '1',
    isDim: parameters.includes('2') && indexed === undefined,
    isInverse: parameters.includes('7') && indexed === undefined,
    colour: indexed === undefined ? null : Number(indexed),
  };
}

const letters = fc.constantFrom(...'abc .', '世', 'é', 'ж', '│', '👍', '👩‍👩‍👧', 'e\u0301', '🇩🇪', '한', '✓', '❤️');
const styled = fc
  .tuple(fc.constantFrom('', '1', '2', '7', '1;38;5;28'), fc.array(letters, { maxLength: 8 }))
  .map(([style, text]) => sgr(style, text.join('')));
const line = fc.array(styled, { maxLength: 3 }).map((pieces) => pieces.join(''));

/** What a program does between two frames: it changes rows, moves the rows of a pane, or the user changes the size. */
const step = fc.oneof(
  fc.record({ kind: fc.constant('change' as const), at: fc.nat(9), text: line }),
  fc.record({
    kind: fc.constant('move' as const),
    by: fc.integer({ min: -4, max: 4 }),
    texts: fc.array(line, { minLength: 4, maxLength: 4 }),
  }),
  fc.record({
    kind: fc.constant('resize' as const),
    columns: fc.integer({ min: 4, max: 30 }),
    rows: fc.integer({ min: 2, max: 10 }),
  }),
);

/** A screen whose pane in the middle moves. */
class Program {
  columns = 24;
  rows = 8;
  texts = Array.from({ length: 10 }, (_, at) => `row ${at}`);
  sides = Array.from({ length: 10 }, (_, at) => `${at}|`);

  readonly #lines = new Map<string, readonly Cell[]>();

  /** The same text is the same line, so that the writer sees which lines have moved. */
  #line(text: string, columns: number): readonly Cell[] {
    const key = `${columns} ${text}`;
    const line = this.#lines.get(key) ?? cellsOf(text, columns);
    this.#lines.set(key, line);
    return line;
  }

  frame(): Frame {
    const rows = Array.from({ length: this.rows }, (_, at) => [
      this.#line(this.sides[at] ?? '', 2),
      this.#line(this.texts[at] ?? '', this.columns - 2),
    ]);
    return frameOf(rows, {
      cursor: { row: this.rows - 1, column: 1 },
      moving: { top: 0, bottom: this.rows - 1, line: 1 },
    });
  }
}

describe('a terminal', () => {
  test('shows the latest frame, whatever the frames and sizes before', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const program = new Program();
        const terminal = new Emulator(program);
        const writer = new ScreenWriter(8);
        await terminal.write(`${modes.on}${'left by another program'.repeat(20)}`);
        await terminal.write(writer.draw(program.frame()));
        for (const each of steps) {
          if (each.kind === 'change') program.texts[each.at] = each.text;
          if (each.kind === 'move') {
            const moved =
              each.by > 0
                ? [...program.texts.slice(each.by), ...each.texts]
                : [...each.texts.slice(each.by), ...program.texts];
            program.texts = moved.slice(0, 10);
          }
          if (each.kind === 'resize') {
            program.columns = each.columns;
            program.rows = each.rows;
            terminal.resize(each.columns, each.rows);
            writer.forget();
          }
          const frame = program.frame();
          await terminal.write(writer.draw(frame));
          expect(terminal.cells).toEqual(frame.rows.map((row) => row.flat().map(expectedCell)));
          expect(terminal.cursor).toEqual(frame.cursor);
        }
      }),
      { numRuns: 60 },
    );
  });

  test.each([true, false])(
    'keeps what stands beside letters of any width (knows graphemes: %s)',
    async (knowsGraphemes) => {
      const terminal = new Emulator({ columns: 28, rows: 3, knowsGraphemes });
      const writer = new ScreenWriter(8);
      // Without graphemes, the first letters are narrower and the second ones wider than they count.
      const texts = ['👍👍👍 narrow', '👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧 wide', 'plain'];
      for (let frame = 0; frame < 3; frame += 1) {
        const shown = texts.map((_, at) => texts[(at + frame) % 3] ?? '');
        const rows = shown.map((text) => [cellsOf(text, 20), cellsOf('|right', 8)]);
        await terminal.write(writer.draw(frameOf(rows)));
        expect(terminal.lines.map((text) => text.slice(-6))).toEqual(['|right', '|right', '|right']);
        expect(terminal.lines[shown.indexOf('plain')]).toBe(`plain${' '.repeat(15)}|right`);
      }
    },
  );

  test('keeps what stands behind a letter that takes the place of others', async () => {
    const terminal = new Emulator({ columns: 10, rows: 1, knowsGraphemes: false });
    const writer = new ScreenWriter(8);
    for (const text of ['ab', '👩‍👩‍👧']) {
      await terminal.write(writer.draw(frameOf([[cellsOf(text, 2), cellsOf('|right', 8)]])));
      expect(terminal.cells[0]?.slice(2, 8).map((cell) => cell.text)).toEqual([...'|right']);
    }
  });
});

describe('a frame', () => {
  test('is nothing if the terminal shows it', () => {
    const writer = new ScreenWriter(8);
    const frame = () => frameOf([[cellsOf('hello', 10)], [cellsOf('', 10)]], { cursor: { row: 1, column: 0 } });
    expect(writer.draw(frame())).not.toBe('');
    expect(writer.draw(frame())).toBe('');
    writer.forget();
    expect(writer.draw(frame())).toContain('hello');
  });

  test('moves the rows of a pane and writes the new one, instead of all rows', () => {
    const writer = new ScreenWriter(8);
    const said = Array.from({ length: 60 }, (_, at) => cellsOf(`#${at} 14:03 alice: ${'words '.repeat(at % 9)}`, 80));
    const frame = (from: number) =>
      frameOf(
        said.slice(from, from + 40).map((line, at) => [cellsOf(at < 3 ? `room ${at}` : '', 16), line]),
        { moving: { top: 0, bottom: 40, line: 1 } },
      );
    const whole = writer.draw(frame(0)).length;
    for (const from of [1, 2, 3]) expect(writer.draw(frame(from)).length).toBeLessThan(200);
    expect(whole).toBeGreaterThan(1_000);
  });

  test.each([
    [24, '38;2;10;200;10', '\u001b[1;38;2;10;200;10m'],
    [8, '38;2;10;200;10', '\u001b[1;38;5;40m'],
    [4, '38;2;10;200;10', '\u001b[1;32m'],
    [4, '38;5;196', '\u001b[1;91m'],
    [4, '31', '\u001b[1;31m'],
    [1, '38;5;196', '\u001b[1m'],
    [1, '31', '\u001b[1m'],
  ] as const)('has the colours of a terminal with %i bits: %s as %j', (depth: ColourDepth, colour, written) => {
    expect(new ScreenWriter(depth).draw(frameOf([[cellsOf(sgr(`1;${colour}`, 'x'), 1)]]))).toContain(`${written}x`);
  });
});
