/** The levels of the log. */

/** How much is logged: lines of a level and of those after it. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
/** One of these levels. */
export type LogLevel = (typeof logLevels)[number];
