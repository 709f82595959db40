/** What the user wants to be notified of, and by which users not to be disturbed. It is stored with the profile, and stays on this machine. */
import type { RoomName, UserName } from '@chat/protocol';
import { z } from 'zod';

/** The ways of a notification. `text`: it has the beginning of the message, and not its author and room alone. */
export const notifyWays = ['bell', 'terminal', 'desktop', 'text'] as const;
/** One of the ways of a notification. */
export type NotifyWay = (typeof notifyWays)[number];

/** A time of each day, from one minute to another one, which may be on the next day. */
export interface QuietHours {
  /** Minutes since midnight, by this machine's clock. */
  readonly from: number;
  readonly to: number;
}

/** The settings of one user. */
export interface AttentionSettings {
  /** The users whose messages do not count as unread, and do not notify. */
  readonly muted: readonly UserName[];
  /** The users of whom the same holds, and whose messages and invitations a screen does not show. */
  readonly blocked: readonly UserName[];
  /** When nothing notifies; null for never. */
  readonly quietHours: QuietHours | null;
  readonly notifyBy: readonly NotifyWay[];
  /** The room that the user was in last; null before the first. */
  readonly lastRoom: RoomName | null;
}

/** The settings of a new user. */
export const defaultAttention: AttentionSettings = {
  muted: [],
  blocked: [],
  quietHours: null,
  notifyBy: ['bell', 'terminal'],
  lastRoom: null,
};

/** Users who can be muted, and who can be blocked. */
const maxIgnored = 1_000;

const names = z.array(z.string().max(256)).max(maxIgnored);
const minuteOfDay = z.int().min(0).max(1439);

/** The schema of settings. */
export const attentionSettings = z.strictObject({
  muted: names,
  blocked: names,
  quietHours: z.strictObject({ from: minuteOfDay, to: minuteOfDay }).nullable(),
  notifyBy: z.array(z.enum(notifyWays)).max(notifyWays.length),
  lastRoom: z.string().max(256).nullable(),
}) satisfies z.ZodType<AttentionSettings>;
