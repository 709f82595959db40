/** Implements `WrapStore` in memory. */
import type { Appending } from '../../ports/room-store.ts';
import { isIn, withoutWrap, wrapIn } from '../../ports/wrap-sheet.ts';
import type { WrapStore } from '../../ports/wrap-store.ts';
import type { KeptSheet, MemoryDisk } from './memory-disk.ts';

/** Stores the sheets of an epoch. */
export function keepSheets(disk: MemoryDisk, { room, at, change }: Appending): void {
  if (change?.kind !== 'epoch') return;
  const { number } = change.epoch;
  const added = change.sheets.map((sheet) => ({ number, at, sheet }));
  disk.sheets.set(room, [...(disk.sheets.get(room) ?? []), ...added]);
}

/** Returns a wrap store over the data of `disk`. */
export function memoryWraps(disk: MemoryDisk): WrapStore {
  const isWithout = ({ sheet }: KeptSheet): boolean => sheet.waiting === 0;

  return {
    findWraps: async (roomId, recipient, { from, to }) =>
      (disk.sheets.get(roomId) ?? []).flatMap(({ number, sheet }) => {
        const wrap = number >= from && number <= to ? wrapIn(sheet, recipient) : null;
        return wrap === null ? [] : [{ number, wrap }];
      }),

    findSheet: async (roomId, recipient, epochNumber) =>
      (disk.sheets.get(roomId) ?? []).find(({ number, sheet }) => number === epochNumber && isIn(sheet, recipient))
        ?.sheet ?? null,

    async confirmWraps(confirmations) {
      for (const { room, recipient, from, to } of confirmations) {
        const sheets = (disk.sheets.get(room) ?? []).map((kept) => {
          const isMeant = kept.number >= from && kept.number <= to;
          return isMeant ? { ...kept, sheet: withoutWrap(kept.sheet, recipient) ?? kept.sheet } : kept;
        });
        disk.sheets.set(
          room,
          sheets.filter((kept) => !isWithout(kept)),
        );
      }
    },

    async expireWraps({ before, limit }) {
      let rows = 0;
      for (const [roomId, sheets] of disk.sheets) {
        const room = disk.rooms.get(roomId);
        if (room?.policy.join === 'direct' && room.invited.length > 0) continue;
        const old = sheets.filter(({ at }) => at < before).slice(0, limit - rows);
        rows += old.length;
        disk.sheets.set(
          roomId,
          sheets.filter((each) => !old.includes(each)),
        );
      }
      return { rows, more: rows === limit };
    },
  };
}
