/** What a client stores of its links, and of the wraps that it has still to confirm. All of it is secret: a link leads to later keys. */
import type { Fingerprint, RoomId } from '@chat/protocol';
import { z } from 'zod';

/** The sender's end of the link to one recipient. */
export interface StoredSenderLink {
  /** The JSON form of the link. */
  readonly link: object;
  /** When the link was opened, in ms since 1970 by this machine's clock. */
  readonly openedAt: number;
}

/** The recipient's end of a link. */
export interface StoredRecipientLink {
  readonly from: Fingerprint;
  /** The id of the link in base64url. */
  readonly id: string;
  /** The id in hex of the own prekey to which the link was opened. */
  readonly prekey: string;
  /** The JSON form of the link; null for one that is erased, and whose opening must not be accepted again. */
  readonly link: object | null;
  /** When the opening was accepted, in ms since 1970 by this machine's clock. */
  readonly seenAt: number;
  /** When this client, connected, first found that the link had served its time, by this machine's clock. */
  readonly oldSince?: number | undefined;
}

/** Epochs of a room that follow each other, whose secrets are stored and whose wraps the server still has. */
export interface EpochRange {
  readonly room: RoomId;
  /** The first one. */
  readonly from: number;
  /** The last one. */
  readonly to: number;
}

/** Rooms that were not read to their end when this client last looked. */
export interface StoredUnread {
  /** Since when, over all connections, by this machine's clock. */
  readonly since: number;
  /** Number of logins since. */
  readonly logins: number;
  /** True if it was reported. */
  readonly told?: boolean | undefined;
}

/** The links of one client. */
export interface StoredLinks {
  readonly senders: Readonly<Record<Fingerprint, StoredSenderLink>>;
  readonly recipients: readonly StoredRecipientLink[];
  readonly unconfirmed: readonly EpochRange[];
  /** Absent while all rooms are read to their end. */
  readonly unread?: StoredUnread | undefined;
}

/** The links of a new user, and of a state from before there were links. */
export const noLinks: StoredLinks = { senders: {}, recipients: [], unconfirmed: [] };

const time = z.int().min(0);
const link = z.looseObject({});

/** Schema of the stored links. It checks the outline only; a link that cannot be read counts as lost. */
export const storedLinks = z.object({
  senders: z.record(z.string(), z.object({ link, openedAt: time })),
  recipients: z.array(
    z.object({
      from: z.string(),
      id: z.string(),
      prekey: z.string(),
      link: link.nullable(),
      seenAt: time,
      oldSince: time.optional(),
    }),
  ),
  unconfirmed: z.array(z.object({ room: z.string(), from: z.int().min(1), to: z.int().min(1) })),
  unread: z.object({ since: time, logins: z.int().min(0), told: z.boolean().optional() }).optional(),
});
