/** Handlers for blobs. A request that names a room is one of its members, each time. */
import { mayHide, type RequestOf, type ResultOf, type RoomId } from '@chat/protocol';
import type { BlobAsker } from '../domain/blobs/blobs.ts';
import { userIn } from '../domain/entry-rules/user-index.ts';
import type { Room } from '../ports/room-store.ts';
import type { UserCall } from './chat-call.ts';

/** Runs `work` for a member of the room that the request names, or for a user whose own blob it is. */
function asOwner<T>(
  { room: roomId }: { readonly room?: RoomId | undefined },
  { caller: { user }, services }: UserCall,
  work: (asker: BlobAsker, room: Room | null) => Promise<T>,
): Promise<T> {
  if (roomId === undefined) return work({ user, room: null }, null);
  return services.rooms.asMember(roomId, user, (room) => work({ user, room: roomId }, room));
}

/** Declares a blob. */
export const createBlob = (request: RequestOf<'blob-create'>, call: UserCall): Promise<ResultOf<'blob-create'>> =>
  asOwner(request, call, (asker) => call.services.blobs.create(asker, request));

/** Adds bytes to a blob of the caller. */
export const appendBlob = (request: RequestOf<'blob-append'>, call: UserCall): Promise<ResultOf<'blob-append'>> =>
  asOwner(request, call, (asker) => call.services.blobs.append(asker, request));

/** Completes a blob of the caller. */
export const finishBlob = (request: RequestOf<'blob-finish'>, call: UserCall): Promise<ResultOf<'blob-finish'>> =>
  asOwner(request, call, (asker) => call.services.blobs.finish(asker, request));

/** Returns bytes of a blob. */
export const readBlob = (request: RequestOf<'blob-read'>, call: UserCall): Promise<ResultOf<'blob-read'>> =>
  asOwner(request, call, (asker) => call.services.blobs.read(asker, request));

/** Deletes a blob of the caller, or one of a room in which the caller may hide messages. */
export const deleteBlob = (request: RequestOf<'blob-delete'>, call: UserCall): Promise<ResultOf<'blob-delete'>> =>
  asOwner(request, call, (asker, room) => {
    const role = room === null ? undefined : userIn(room.members, asker.user)?.role;
    return call.services.blobs.delete(asker, request, role !== undefined && mayHide(role));
  });

/** Returns a page of the caller's own blobs. */
export const listBlobs = (request: RequestOf<'blob-list'>, { caller, services }: UserCall) =>
  services.blobs.list(caller.user, request);

/** Returns the bytes that a request to append carries. It has not been validated yet. */
export const appendedBytes = ({ bytes }: Readonly<Record<string, unknown>>): number =>
  bytes instanceof Uint8Array ? bytes.length : 0;

/** Returns the bytes that a request to read asks for. It has not been validated yet. */
export const wantedBytes = ({ limit }: Readonly<Record<string, unknown>>): number =>
  typeof limit === 'number' && limit > 0 ? limit : 0;
