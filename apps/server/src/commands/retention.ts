/** `chat-server retention NAME`: sets or prints how long the messages of one room are kept. */
import { Retention, type RetentionBounds } from '@chat/server-core';
import { askServer } from '../admin/admin-client.ts';
import type { AdminRequest, AdminResult } from '../admin/admin-operation.ts';
import { changeRetention } from '../admin/room-retention.ts';
import { daysText, sizeText } from '../config/amounts.ts';
import type { RequestFor } from '../config/command-line.ts';
import { type DataDirectory, dataDirectory } from '../data/data-directory.ts';
import { requireRecord } from '../data/server-record.ts';
import { noAnswerText, withUnusedStore } from '../data/unused-store.ts';
import { silentLog } from '../log.ts';
import type { RunContext } from '../run-context.ts';

/**
 * Changes the bounds that are given, and prints the bounds of the room and what was deleted.
 *
 * @throws CommandError `not-started`, `data-in-use`, `no-answer`; ProtocolError `unknown-room`; StoreError
 */
export async function retention(request: RequestFor<'retention'>, { environment, print }: RunContext): Promise<void> {
  const directory = dataDirectory(request.data, environment);
  await requireRecord(directory);
  const { 'keep-days': ageMs, 'keep-messages': messages, 'keep-bytes': bytes } = request;
  const asked = { room: request.room, change: { ageMs, messages, bytes } };
  const result =
    (await askServer(directory.adminSocket, 'retention', asked)) ?? (await withoutServer(directory, asked));
  print(request.json ? JSON.stringify(result) : asText(request.room, result));
}

/** The bounds of a server that does not run are unknown, so only the room's own ones delete anything now. */
function withoutServer(directory: DataDirectory, asked: AdminRequest<'retention'>): Promise<AdminResult<'retention'>> {
  return withUnusedStore(directory, noAnswerText(directory), (store) => {
    const rooms = new Retention({ store, clock: Date.now, log: silentLog });
    return changeRetention(asked, { store, set: (roomId, bounds) => rooms.set(roomId, bounds), defaults: null });
  });
}

const kinds: { readonly [K in keyof RetentionBounds]: (bound: number) => string } = {
  ageMs: (bound) => `for ${daysText(bound)}`,
  messages: (bound) => `the latest ${bound}`,
  bytes: (bound) => `the latest ${sizeText(bound)}`,
};
const names = ['ageMs', 'messages', 'bytes'] as const;

/** Returns the bounds of a room in a few words, with those of the server where the room has none of its own. */
export function boundsText(own: RetentionBounds, defaults: RetentionBounds | null): string {
  const parts = names.flatMap((name) => {
    const bound = own[name] ?? defaults?.[name] ?? 0;
    return bound === 0 ? [] : [kinds[name](bound)];
  });
  if (parts.length > 0) return parts.join(', ');
  return defaults === null && names.some((name) => own[name] === null) ? 'as the server does' : 'for ever';
}

function asText(room: string, { own, defaults, messages, bytes, deleted }: AdminResult<'retention'>): string {
  const lines = [
    `Messages of ${room} are kept: ${boundsText(own, defaults)}. Now there are ${messages}, with ${bytes} bytes.`,
  ];
  if (deleted > 0) lines.push(`Deleted now: ${deleted}. Their space in chat.db is used again for new entries.`);
  if (defaults === null && names.some((name) => own[name] === null))
    lines.push(
      'No server is running. Where the room has no bound of its own, that of the server counts from its next start on.',
    );
  return lines.join('\n');
}
