/** What the tests of several packages share. */
export { rejectedCode, thrownCode } from './error-code.ts';
export { onlyInFullRun, optional } from './optional.ts';
