/** Graphemes: what a reader takes for one letter, and the cells that it fills. */
import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

const printableAscii = /^[ -~]*$/;

/** Letters whose width all terminals agree on: of alphabets and of East Asian scripts, and the lines of boxes. */
const settled =
  /^[ -~\u2500-\u257f\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\uac00-\ud7a3]$/u;

/** Returns the graphemes of a text in their order. */
export const graphemesOf = (text: string): readonly string[] =>
  printableAscii.test(text) ? text.split('') : Array.from(segmenter.segment(text), ({ segment }) => segment);

/** Returns the number of cells that a grapheme fills: 0 for a control character or a mark without a letter. */
export const widthOf = (grapheme: string): number => stringWidth(grapheme);

/** Returns whether terminals may disagree on the width of a grapheme, as on that of many emoji. */
export const isUncertain = (grapheme: string): boolean => !settled.test(grapheme);
