/** For how long the recipient's end of a link is kept. */
import { limits } from '@chat/protocol';

const dayMs = 24 * 60 * 60_000;

/** The days for which the end of a link is kept at most after its opening was read. A promise of SECURITY.md rests on it. */
export const longestKeptDays = 14;

/**
 * The end of a link is kept this long after its opening was read: its sender uses it for `linkAge` by a clock that may have been set
 * back a little, and its last wraps follow at once.
 */
export const keptMs = limits.linkAge + 30 * 60_000;

/**
 * And this much longer while wraps may still be on their way, counted from when this client was connected and found it old, not from
 * when it was away.
 */
export const longerKeptMs = longestKeptDays * dayMs - keptMs;

/**
 * Which old links wraps may still use. `all`: rooms are not read to the end, or an invitation by a known user waits. `strangers`: an
 * invitation by a stranger waits, so those from users who share no room with the local user: they carry no keys of other rooms.
 */
export type NeededLinks = 'all' | 'strangers' | 'none';
