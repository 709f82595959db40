/** What a program imports before everything else, so that it opens the identity key while it loads. */
export { type BeginUnlockOptions, beginUnlock, type EarlyUnlock } from './early-unlock.ts';
