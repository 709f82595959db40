/**
 * The identity key of a profile: opens it with the state that belongs to it, and renews it. In a renewal the new key is on the disk before the server gets it. Once the server has confirmed it, three
 * steps follow: the state is written under the new key beside the other one, the new key takes the place of the one before, and then
 * the new state does. A crash between any two leaves a profile that opens, and the next opening finishes what was begun.
 */
import { readFile, rm } from 'node:fs/promises';
import { readIfThere, renameSynced, writeAtomically } from '@chat/durable-files';
import { type Fingerprint, type KeyChain, limits, toBase64url, type UserName } from '@chat/protocol';
import { makeKeyRenewal, type Signer, UserMap } from '@chat/room';
import { createSerializedKeys, SignatureError, type UnlockedKeyFile, unlockKeyFile } from '@chat/signatures';
import { type Certified, renewIdentityKey } from '../connection/enrolment.ts';
import type { ServerAuthority } from '../connection/server-authority.ts';
import type { Transport } from '../connection/transport.ts';
import { ClientError, explain } from '../errors.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Stored } from '../storage/stored-state.ts';
import { readChain, serverAuthority } from './authority-file.ts';
import { type EarlyUnlock, unlockWith } from './early-unlock.ts';
import type { ProfileSummary } from './profile-files.ts';
import { profilePaths } from './profile-paths.ts';
import { createSealedFile, type OpenSealedFile, openSealedFile } from './sealed-file.ts';

/** Opens the identity key. The only derivation from the password at a start: `state.sealed` has a key from its secret. */
export async function openIdentity(
  path: string,
  password: string,
  early: EarlyUnlock | null = null,
): Promise<UnlockedKeyFile> {
  try {
    return await unlockWith(early, await readFile(path, 'utf8'), password);
  } catch (cause) {
    if (cause instanceof SignatureError && (cause.code === 'wrong-password' || cause.code === 'empty-password')) {
      throw new ClientError('wrong-password', 'That is not the password of this profile.', { cause });
    }
    throw new ClientError(
      'profile-damaged',
      `The identity key ${path} cannot be read: restore it from a backup; it was left as it is.`,
      { cause },
    );
  }
}

/** The opened files of a profile. */
export interface OpenFiles extends OpenSealedFile {
  readonly signer: Signer;
  readonly authority: ServerAuthority;
  readonly stored: Stored;
}

/** Opens the identity key of a profile, and the state that belongs to it. */
export async function openFiles(
  { directory, serverId }: ProfileSummary,
  password: string,
  early: EarlyUnlock | null = null,
): Promise<OpenFiles> {
  const [{ signer, secret }, chain, statePath] = await Promise.all([
    openIdentity(profilePaths(directory).identity, password, early),
    readChain(directory, serverId),
    statePathOf(directory),
  ]);
  const { state } = profilePaths(directory);
  let opened = await openSealedFile(statePath, { secret, password });
  if (statePath !== state) {
    await settleState(directory, statePath);
    opened = await openSealedFile(state, { secret, password });
  }
  return { ...opened, signer, authority: serverAuthority(directory, chain) };
}

/** A profile that is open, with its present key. */
export interface RenewableProfile {
  readonly directory: string;
  readonly user: UserName;
  readonly serverId: string;
  readonly signer: Signer;
  readonly stored: Stored;
  readonly archiveKey: Uint8Array;
  readonly transport: Transport;
  readonly scheduler: Scheduler;
}

/** Creates the key of a renewal, unless one was created before. It is on the disk afterwards. */
export async function prepareRenewal(directory: string, password: string): Promise<void> {
  const { nextIdentity } = profilePaths(directory);
  if ((await readIfThere(nextIdentity)) !== null) return;
  await writeAtomically(nextIdentity, createSerializedKeys(password).privatePem);
}

/** Returns the key of a renewal that was begun; null if none was, or it does not open with this password. */
export async function pendingRenewal(directory: string, password: string): Promise<UnlockedKeyFile | null> {
  const pem = await readIfThere(profilePaths(directory).nextIdentity);
  return pem === null ? null : unlockKeyFile(pem, password).catch(() => null);
}

/** Returns the chain of renewals with one more, up to the new key. */
function chainWith({ user, serverId, signer, stored, scheduler }: RenewableProfile, after: Signer): KeyChain {
  const { first, renewals } = stored.renewals ?? { first: toBase64url(signer.publicKey), renewals: [] };
  const number = (renewals.at(-1)?.number ?? 0) + 1;
  const renewal = makeKeyRenewal({ user, before: signer, after }, { serverId, number, madeAt: scheduler.now() });
  const all = [...renewals, renewal];
  const kept = all.slice(-limits.keyRenewalsPerChain);
  return { first: all.at(-kept.length - 1)?.key ?? first, renewals: kept };
}

/** Returns what the profile stores with the new key. What was made for the key before has no use any more. */
function renewedState({ user, signer, stored }: RenewableProfile, after: Signer, chain: KeyChain): Stored {
  const { links: _, ...others } = stored;
  const fingerprints: readonly Fingerprint[] = [signer.fingerprint];
  const lagging = { fingerprints, rooms: Object.keys(stored.rooms) };
  const pins = UserMap.of(stored.pins);
  const verified = pins.get(user)?.verified ?? false;
  return {
    ...others,
    certified: null,
    pins: pins.put(user, { fingerprint: after.fingerprint, verified, lagging }),
    renewals: chain,
    renewInvitations: true,
    prekeys: [],
    earlierMadeAt: stored.prekeys[0]?.madeAt ?? stored.earlierMadeAt,
  };
}

/** True for the codes by which the account has another key than those of the renewal, or none for good. */
const isFinal = (code: string): boolean => ['login-refused', 'key-renewed', 'access-revoked'].includes(code);

/**
 * Finishes a renewal: the server gets the new key, and then the profile has it in place of the one before.
 *
 * @param next the key of the renewal
 * @throws ProtocolError the server's refusal: nothing of the renewal is left if it is final
 * @throws ClientError without an answer: the outcome is unknown, and the renewal stays pending
 */
export async function finishRenewal(profile: RenewableProfile, next: UnlockedKeyFile): Promise<Certified> {
  const { directory, user, transport, scheduler, archiveKey } = profile;
  const paths = profilePaths(directory);
  const chain = chainWith(profile, next.signer);
  const certified = await renewIdentityKey({ transport, scheduler }, { user, signer: next.signer }, chain).catch(
    async (error: unknown) => {
      // By any other answer, and without one, the server may have the new key already: it must not be lost.
      if (isFinal(explain(error).code)) {
        // The state first: without the key beside it, it would count as the profile's.
        for (const path of [paths.nextState, paths.nextIdentity]) await rm(path, { force: true });
      }
      throw error;
    },
  );
  const stored = { ...renewedState(profile, next.signer, chain), certified };
  await createSealedFile(paths.nextState, next.secret, stored, archiveKey);
  await renameSynced(paths.nextIdentity, paths.identity);
  await renameSynced(paths.nextState, paths.state);
  return certified;
}

/** Returns the path of the state that belongs to the key: after a crash between the last two steps it is the one beside the other. */
async function statePathOf(directory: string): Promise<string> {
  const { state, nextState, nextIdentity } = profilePaths(directory);
  const isCutOff = (await readIfThere(nextState)) !== null && (await readIfThere(nextIdentity)) === null;
  return isCutOff ? nextState : state;
}

/** Finishes a renewal that was cut off between its last two steps. To be called with the path once that file has been opened. */
async function settleState(directory: string, path: string): Promise<void> {
  const { state } = profilePaths(directory);
  if (path !== state) await renameSynced(path, state);
}
