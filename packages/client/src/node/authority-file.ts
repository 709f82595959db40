/**
 * What a profile stores of its server's authorities: `ca.pem` is the first one, whose fingerprint is the server id. `authority.json`
 * exists once another one has been announced. It is written as a whole, so a crash leaves the pin before or the pin after.
 */
import { readFile } from 'node:fs/promises';
import { readIfThere, writeAtomically } from '@chat/durable-files';
import { certificateFingerprint } from '@chat/mini-ca';
import { succession, withdrawal } from '@chat/protocol';
import { z } from 'zod';
import { type AuthorityChain, firstChain, rootsOf } from '../connection/authority-chain.ts';
import { ServerAuthority } from '../connection/server-authority.ts';
import { ClientError } from '../errors.ts';
import { authorityTools } from './authority.ts';
import { profilePaths } from './profile-paths.ts';
import { systemScheduler } from './scheduler.ts';

const chainFile = z.strictObject({
  v: z.literal(1),
  pinned: z.string(),
  successions: z.array(succession.extend({ seenAt: z.int() })),
  withdrawals: z.array(withdrawal),
  disputed: z.boolean(),
  asked: z.string().nullable(),
});

const damaged = (path: string, cause?: unknown): ClientError =>
  new ClientError(
    'profile-damaged',
    `The server's certificate authority ${path} is missing or damaged: restore it from a backup; it was left as it is.`,
    { cause },
  );

/**
 * Reads the authorities of a profile.
 *
 * @throws ClientError `profile-damaged`
 */
export async function readChain(directory: string, serverId: string): Promise<AuthorityChain> {
  const { authority: path, authorities } = profilePaths(directory);
  const first = await readFile(path, 'utf8').then(
    (certificate) => ({ certificate, fingerprint: fingerprintOf(certificate, path) }),
    (cause: unknown) => {
      throw damaged(path, cause);
    },
  );
  if (first.fingerprint !== serverId) throw damaged(path);
  const text = await readIfThere(authorities);
  if (text === null) return firstChain(first);
  const chain = parseChain(first.certificate, text);
  if (chain === null) throw damaged(authorities);
  return chain;
}

/** Returns the fingerprint of the authority that the profile trusts; null if it is the first one. */
export async function pinnedIn(directory: string): Promise<string | null> {
  const path = profilePaths(directory).authorities;
  const text = await readIfThere(path);
  if (text === null) return null;
  try {
    return chainFile.parse(JSON.parse(text)).pinned;
  } catch (cause) {
    throw damaged(path, cause);
  }
}

function fingerprintOf(certificate: string, path: string): string {
  try {
    return certificateFingerprint(certificate);
  } catch (cause) {
    throw damaged(path, cause);
  }
}

function parseChain(first: string, text: string): AuthorityChain | null {
  try {
    const { v: _, ...others } = chainFile.parse(JSON.parse(text));
    const chain = { ...others, first };
    return rootsOf(chain, authorityTools).some(({ fingerprint }) => fingerprint === chain.pinned) ? chain : null;
  } catch {
    return null;
  }
}

/** Stores what the client has learned of the authorities. */
export const writeChain = (directory: string, { first: _, ...chain }: AuthorityChain): Promise<void> =>
  writeAtomically(profilePaths(directory).authorities, `${JSON.stringify({ v: 1, ...chain }, null, 2)}\n`);

/** Returns the authorities of a profile's server. It stores what it learns. */
export const serverAuthority = (directory: string, chain: AuthorityChain): ServerAuthority =>
  new ServerAuthority({
    chain,
    tools: authorityTools,
    now: () => systemScheduler.now(),
    save: (changed) => writeChain(directory, changed),
  });
