/** The version of the protocol, and what is said to those who speak another. */
import { ProtocolError } from '../errors.ts';

/** The protocol version that this package speaks. */
export const protocolVersion = 1;

/**
 * Throws `unsupported-version` for a frame that says it is of another version. To be called before its other fields are
 * looked at: those of another version are not known, and a complaint about them would name no remedy.
 */
export function requireVersion({ version }: { readonly version?: unknown }): void {
  if (typeof version !== 'number' || version === protocolVersion) return;
  throw new ProtocolError(
    'unsupported-version',
    `The protocol's version is ${protocolVersion} on this side and ${version} on the other: update the older of the two.`,
  );
}
