/** What the tests of several packages share. */
export { type Child, type ChildOptions, type Ended, outputOf, runChild, startChild } from './child.ts';
export { rejectedCode, thrownCode } from './error-code.ts';
export { findPython, isFullRun, longTest, onlyInFullRun, optional } from './optional.ts';
export { otherSignature } from './other-signature.ts';
export { type Folder, temporaryFolder } from './temporary-folder.ts';
