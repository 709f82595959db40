/** The version of the protocol, and the error for a side that uses another version. */
import { ProtocolError } from '../errors.ts';

/** The protocol version of this package. */
export const protocolVersion = 1;

/**
 * Checks the version of a frame. Callers do this before they read any other field, because the fields of other versions are
 * unknown and an error about them would not name the remedy.
 *
 * @throws ProtocolError `unsupported-version`
 */
export function requireVersion({ version }: { readonly version?: unknown }): void {
  if (typeof version !== 'number' || version === protocolVersion) return;
  throw new ProtocolError(
    'unsupported-version',
    `This side uses version ${protocolVersion} of the protocol and the other side version ${version}: update the older one.`,
  );
}
