/** How the columns of the terminal are divided: rooms, messages, members. */

/** The width of each pane; 0 for one that has no place. */
export interface Columns {
  readonly rooms: number;
  readonly messages: number;
  readonly members: number;
}

/** From so many columns on there is place for the pane. */
const [roomsFrom, membersFrom] = [60, 100];
const [roomsWidth, membersWidth] = [18, 22];

/** The line between two panes. */
export const border = '\u2502';

/** Returns how the columns of a terminal are divided, without the lines between the panes. */
export function columnsOf(width: number): Columns {
  const rooms = width < roomsFrom ? 0 : roomsWidth;
  const members = width < membersFrom ? 0 : membersWidth;
  const borders = (rooms > 0 ? 1 : 0) + (members > 0 ? 1 : 0);
  return { rooms, members, messages: width - rooms - members - borders };
}
