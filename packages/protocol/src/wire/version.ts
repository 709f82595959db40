/** The version of the protocol, and the error for a side that uses another version. */
import { ProtocolError } from '../errors.ts';

/** The protocol version of this package. */
export const protocolVersion = 6;

/**
 * Checks the version of the other side's frame. Callers do this before they read any other field, because the fields of other
 * versions are unknown and an error about them would not name the remedy.
 *
 * @param sender which side sent the frame
 * @throws ProtocolError `unsupported-version`, whose message names the side to update
 */
export function requireVersion({ version }: { readonly version?: unknown }, sender: 'client' | 'server'): void {
  if (typeof version !== 'number' || version === protocolVersion) return;
  const receiver = sender === 'client' ? 'server' : 'client';
  const older = version < protocolVersion ? sender : receiver;
  throw new ProtocolError(
    'unsupported-version',
    `The ${sender} uses version ${version} of the protocol and the ${receiver} version ${protocolVersion}: update the ${older}.`,
  );
}
