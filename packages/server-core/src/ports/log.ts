/** Structured logging with pino's signature. Fields MUST NOT hold a message, key, token or password. */

/** The log of a server: one function for each level. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
