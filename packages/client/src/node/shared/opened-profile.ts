/** What the opening of a profile that several programs share leads to. */
import type { GuestLink, LinkEnds } from './guest-link.ts';
import type { Holder } from './holder/holder.ts';
import type { WantedConnection } from './holder/wanted-connection.ts';

/** The client of this process, with what serves it to others; null if no socket could be opened. */
export interface OwnClient {
  readonly kind: 'own';
  readonly connection: WantedConnection;
  readonly holder: Holder | null;
}

/** A link to the program that has the profile. */
export interface LinkedClient {
  readonly kind: 'linked';
  readonly link: GuestLink;
}

/**
 * Opens the profile, or links to the program that has it.
 *
 * @throws ClientError `profile-in-use` if another program has the profile and serves it to none; `closed` once the signal is aborted
 */
export type Open = (ends: LinkEnds) => Promise<OwnClient | LinkedClient>;

/** Ends the use of a profile. Its guests learn it when the profile is free. */
export async function closeOne(current: OwnClient | LinkedClient): Promise<void> {
  if (current.kind === 'linked') {
    current.link.close();
    return;
  }
  const { holder, connection } = current;
  holder?.stop();
  try {
    await connection.client.close();
  } finally {
    holder?.end();
  }
}
