/** Handlers for the encrypted backup of the caller's profile. */
import type { RequestOf, ResultOf } from '@chat/protocol';
import type { UserCall } from './chat-call.ts';

/** Registers the key of the caller's recovery phrase. */
export async function putRecoveryKey(
  request: RequestOf<'put-recovery-key'>,
  { caller, services }: UserCall,
): Promise<ResultOf<'put-recovery-key'>> {
  await services.recoveries.putKey(caller, request);
  return {};
}

/** Erases the caller's backup, and its key. */
export async function endRecovery(
  _: RequestOf<'end-recovery'>,
  { caller, services }: UserCall,
): Promise<ResultOf<'end-recovery'>> {
  await services.recoveries.end(caller.user);
  return {};
}

/** Returns what there is of the caller's backup. */
export const getRecovery = (_: RequestOf<'get-recovery'>, { caller, services }: UserCall) =>
  services.recoveries.stateOf(caller.user);

/** Returns a page of the names of the caller's chunks. */
export const listRecoveryChunks = ({ after }: RequestOf<'list-recovery-chunks'>, { caller, services }: UserCall) =>
  services.recoveries.list(caller.user, after);

/** Stores a chunk of the caller's backup. */
export async function putRecoveryChunk(
  request: RequestOf<'put-recovery-chunk'>,
  { caller, services }: UserCall,
): Promise<ResultOf<'put-recovery-chunk'>> {
  await services.recoveries.putChunk(caller.user, request);
  return {};
}

/** Returns a chunk of the caller's backup. */
export const getRecoveryChunk = async (
  { name }: RequestOf<'get-recovery-chunk'>,
  { caller, services }: UserCall,
): Promise<ResultOf<'get-recovery-chunk'>> => ({ chunk: await services.recoveries.chunk(caller.user, name) });

/** Erases chunks of the caller's backup. */
export async function dropRecoveryChunks(
  { names }: RequestOf<'drop-recovery-chunks'>,
  { caller, services }: UserCall,
): Promise<ResultOf<'drop-recovery-chunks'>> {
  await services.recoveries.drop(caller.user, names);
  return {};
}

/** Replaces the head of the caller's backup. */
export async function putRecoveryManifest(
  request: RequestOf<'put-recovery-manifest'>,
  { caller, services }: UserCall,
): Promise<ResultOf<'put-recovery-manifest'>> {
  await services.recoveries.putManifest(caller.user, request);
  return {};
}
