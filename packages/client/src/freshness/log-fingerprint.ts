/** The fingerprint of the log that this client has read. */
import { logFingerprint } from '@chat/protocol';
import type { RoomState } from '@chat/room';
import { ClientError } from '../errors.ts';
import type { LogFingerprint } from '../view.ts';

/**
 * Returns the fingerprint of a log up to a position.
 *
 * @param seq default: the latest position
 * @throws ClientError `unknown-position`
 */
export function fingerprintOfLog(
  { head, recentHashes }: Pick<RoomState, 'head' | 'recentHashes'>,
  seq = head.seq,
): LogFingerprint {
  const hash = recentHashes.before(head.seq - seq) ?? null;
  if (hash !== null) return { seq, number: logFingerprint(hash) };
  const first = head.seq - recentHashes.length + 1;
  throw new ClientError(
    'unknown-position',
    `This client knows the fingerprint of the log from position ${first} to ${head.seq}: compare one of these.`,
  );
}
