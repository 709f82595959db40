/** Makes text from others safe to print on a terminal. */
export { escapeUnsafe, safeJson, sanitise, sanitiseLine } from './sanitise.ts';
