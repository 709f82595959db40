/** Draws rows of styled cells on a terminal, with few bytes. */
export { blanks, type Cell, cellsOf } from './cells.ts';
export { type ColourDepth, colourDepth } from './colour.ts';
export type { Line, Row } from './difference.ts';
export { graphemesOf, widthOf } from './grapheme.ts';
export { type Frame, type Pane, ScreenWriter } from './screen-writer.ts';
export { modes } from './sequences.ts';
