/** Command lines that the operator can paste. */

/** Returns a text as one word of a shell. */
export const shellWord = (text: string): string =>
  /^[\w./:=@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/**
 * Returns a command line of this program.
 *
 * @param data the data directory; null when it is the default one
 */
export const ownCommand = (words: string, data: string | null): string =>
  `chat-server ${words}${data === null ? '' : ` --data ${shellWord(data)}`}`;
