/** The lines about files that are being sent and saved. */
import type { TransferView } from '@chat/client';
import { sanitiseLine } from '@chat/safe-text';
import type { EventOf } from '../client-event.ts';
import { byteSize } from '../text/byte-size.ts';
import { duration } from '../text/time.ts';
import { reasonOf } from './returned-text.ts';
import { alarm, notice, type Scene } from './scene.ts';

/** Characters of the name of a file that are shown. */
const nameCharacters = 80;

/** Returns the name of a file, which another user may have chosen, safe to print. */
export function safeFile(name: string): string {
  const shown = sanitiseLine(name, nameCharacters);
  return shown === '' ? '(a file without a visible name)' : shown;
}

/** Returns how far a transfer is: `45 % of 1.2 MB, 300 kB/s, 2 s left`. */
function progressText({ moved, total, size, bytesPerSecond, leftMs }: TransferView): string {
  const parts = [
    `${total === 0 ? 100 : Math.floor((100 * moved) / total)} % of ${byteSize(size)}`,
    ...(bytesPerSecond === null ? [] : [`${byteSize(bytesPerSecond)}/s`]),
    ...(leftMs === null ? [] : [`${duration(leftMs)} left`]),
  ];
  return parts.join(', ');
}

const states: { readonly [S in TransferView['state']]: (transfer: TransferView) => string } = {
  preparing: (transfer) => `is being encrypted: ${progressText(transfer)}`,
  waiting: () => 'waits for its turn, or for the connection',
  moving: (transfer) =>
    `${transfer.direction === 'send' ? 'is being sent' : 'is being fetched'}: ${progressText(transfer)}`,
  finishing: ({ direction }) =>
    direction === 'send' ? 'is at the server; the message follows' : 'is being checked and decrypted',
  done: ({ direction, path, seq }) =>
    direction === 'send' ? `was sent as #${seq}` : `was saved: ${sanitiseLine(path ?? '')}`,
  failed: ({ direction, why }) => `was not ${direction === 'send' ? 'sent' : 'saved'}: ${reasonOf(why?.reason ?? '')}`,
  cancelled: () => 'was cancelled',
};

/** Returns a transfer as a list shows it: `2) report.pdf in lobby is being sent: 45 % of 1.2 MB`. */
export const transferLine = (transfer: TransferView, title: string): string =>
  `${transfer.id}) ${safeFile(transfer.name)} in ${title} ${states[transfer.state](transfer)}`;

/** Returns the line about a transfer that has begun to wait or is over; null for all others, which `/transfers` shows. */
export function presentTransfer({ roomName, transfer }: EventOf<'transfer'>, scene: Scene): string | null {
  const text = `${safeFile(transfer.name)} ${states[transfer.state](transfer)}`;
  if (transfer.state === 'failed') return alarm(scene, `${text}.`);
  // The message itself is printed of a file that was sent.
  const isNews = transfer.state === 'cancelled' || (transfer.state === 'done' && transfer.direction === 'save');
  return isNews
    ? notice(scene, scene.now, roomName === scene.currentRoom ? text : `${text} (${scene.title(roomName)})`)
    : null;
}
