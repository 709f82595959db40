/**
 * Bracketed paste (xterm's mode 2004). A pasted text of several lines becomes one line of the editor with a visible sign for each
 * line feed. So it is sent as one message, and no control character in it acts as a key.
 */

/** U+2424 SYMBOL FOR NEWLINE stands for a line feed while the user edits a pasted text. */
const lineFeedSign = '\u2424';

/** The control sequences that turn bracketed paste on and off. */
export const pasteMode = { on: '\u001b[?2004h', off: '\u001b[?2004l' } as const;

const start = '\u001b[200~';
const end = '\u001b[201~';

/** Returns an edited line with its line feeds restored. */
export const withLineFeeds = (line: string): string => line.replaceAll(lineFeedSign, '\n');

const asOneLine = (pasted: string): string =>
  pasted
    .replace(/\r\n?/g, '\n')
    .replace(/\n+$/, '')
    .replaceAll('\n', lineFeedSign)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the expression removes control characters
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');

/**
 * Returns the length of the longest end of `text` that may be the beginning of `marker`. A single escape character does not
 * count, because the escape key must act at once.
 */
function partialMarkerLength(text: string, marker: string): number {
  for (let length = Math.min(marker.length - 1, text.length); length > 1; length -= 1) {
    if (text.endsWith(marker.slice(0, length))) return length;
  }
  return 0;
}

/** Returns a function that converts a terminal's input, in chunks that are cut anywhere, to keys for a line editor. */
export function createPasteReader(): (chunk: string) => string {
  let pasting = false;
  let pending = '';
  let pasted = '';

  return (chunk) => {
    let rest = pending + chunk;
    let keys = '';
    pending = '';
    for (;;) {
      const marker = pasting ? end : start;
      const at = rest.indexOf(marker);
      if (at < 0) break;
      if (pasting) keys += asOneLine(pasted + rest.slice(0, at));
      else keys += rest.slice(0, at);
      pasted = '';
      pasting = !pasting;
      rest = rest.slice(at + marker.length);
    }
    const kept = partialMarkerLength(rest, pasting ? end : start);
    pending = rest.slice(rest.length - kept);
    const ready = rest.slice(0, rest.length - kept);
    if (pasting) pasted += ready;
    else keys += ready;
    return keys;
  };
}
