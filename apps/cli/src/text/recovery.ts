/** Texts on the recovery phrase and its backups. */
import type { RecoveryState } from '@chat/client';
import { sanitiseLine } from '@chat/safe-text';
import { byteSize } from './byte-size.ts';
import { timeOfDay } from './time.ts';

/** Returns what a backup lacks; null if it has all. */
export const leftText = ({ files, bytes }: { readonly files: number; readonly bytes: number }): string | null =>
  files === 0
    ? null
    : `The oldest messages are not in it (${files} files, ${byteSize(bytes)}), because the server keeps no more of a backup: ask its operator to keep more, or keep fewer messages ("chat keep").`;

/**
 * Returns how the recovery of a user stands.
 *
 * @param now milliseconds since 1970
 */
export function recoveryText(state: RecoveryState | null, now: number): string {
  if (state === null) {
    return 'You have no recovery phrase: if this machine is lost, or you forget the password, your name, rooms and messages are lost. "chat recovery new" makes one.';
  }
  const { madeAt, latest, failure } = state;
  const left = latest === null ? null : leftText(latest.left);
  return [
    `Your recovery phrase was made at ${timeOfDay(madeAt, now)}.`,
    latest === null
      ? 'No backup was made yet: "chat recovery now" makes one.'
      : `The latest backup is number ${latest.number}, of ${timeOfDay(latest.at, now)}, with ${byteSize(latest.bytes)}.`,
    ...(left === null ? [] : [left]),
    ...(failure === null ? [] : [`The latest attempt failed. ${sanitiseLine(failure.reason)}`]),
  ].join('\n');
}
