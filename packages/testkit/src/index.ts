/** What the tests of several packages share. */
export { onlyInFullRun, optional } from './optional.ts';
