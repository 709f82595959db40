/** What the terminal client prints. */

/**
 * Returns the pattern of what a user reads who has joined a room and has its key. The key may come before the join ends: then the client
 * prints no line for the key, only how many members the room has.
 */
export const readyIn = (roomName: string): RegExp => new RegExp(`you can read and write|You are in ${roomName} \\(`);
