/**
 * `ca-chain.json`: the CAs that this server has had, and the one that is to follow. The key and the certificate of the next one stand
 * beside those of the present one until its time has come, and are then renamed over them, the key first.
 */
import { createPublicKey } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, readFile, rm } from 'node:fs/promises';
import { readIfThere, renameSynced, writeAtomically, writeSynced } from '@chat/durable-files';
import { CertificateAuthority, createCA, type Ledger, privateKeyToPem, readCertificate } from '@chat/mini-ca';
import {
  limits,
  type Statement,
  succession,
  successionStatement,
  withdrawal,
  withdrawalStatement,
} from '@chat/protocol';
import { type AuthorityHistory, authoritiesUntil, signAsAuthority } from '@chat/server-core';
import { z } from 'zod';
import { CommandError, fileAccessError } from '../command-error.ts';
import { type Authority, damagedFile, readPrivateKey } from './authority.ts';
import type { DataDirectory } from './data-directory.ts';

const pem = z.string().min(1);
const link = z.strictObject({
  succession,
  /** The certificate of the next CA by the one before it; null once the server does not send it any more. */
  crossed: pem.nullable(),
  withdrawal: withdrawal.nullable(),
});
type Link = z.infer<typeof link>;

const chainFile = z.strictObject({
  version: z.literal(1),
  /** The certificate of the first CA. */
  first: pem,
  links: z.array(link),
});
/** The content of `ca-chain.json`. */
export type Chain = z.infer<typeof chainFile>;

const fingerprintOf = (certificate: string): string => readCertificate(certificate).fingerprint;

/**
 * Reads the chain. A server without a file has had one CA.
 *
 * @throws CommandError `file-access`, `damaged-data`
 */
export async function readChain({ chain: path }: DataDirectory, present: string): Promise<Chain> {
  const text = await readIfThere(path).catch((error: unknown) => {
    throw fileAccessError('read', path, error);
  });
  if (text === null) return { version: 1, first: present, links: [] };
  try {
    return chainFile.parse(JSON.parse(text));
  } catch (error) {
    throw damagedFile(path, error);
  }
}

const writeChain = ({ chain: path }: DataDirectory, chain: Chain): Promise<void> =>
  writeAtomically(path, `${JSON.stringify(chain, null, 2)}\n`);

const followed = ({ links }: Chain): readonly Link[] => links.filter((each) => each.withdrawal === null);

/** Returns the announced CA that is not in use yet; null when there is none. */
export function pendingLink(chain: Chain, present: string): Link | null {
  const last = followed(chain).at(-1);
  if (last === undefined) return null;
  return fingerprintOf(last.succession.certificate) === fingerprintOf(present) ? null : last;
}

/** Returns what the server shows of its CAs. */
export function historyOf(chain: Chain, present: string): AuthorityHistory {
  const successions = chain.links.map((each) => each.succession);
  const withdrawals = chain.links.flatMap((each) => each.withdrawal ?? []);
  const crossed: string[] = [];
  for (const each of [...followed(chain)].reverse()) {
    if (each === pendingLink(chain, present)) continue;
    if (each.crossed === null) break;
    crossed.push(each.crossed);
  }
  return { first: chain.first, successions, withdrawals, crossed };
}

/** Returns whether this CA is the present one or was one before it. */
export const hasHad = (chain: Chain, present: string, fingerprint: string): boolean =>
  authoritiesUntil(present, historyOf(chain, present)).some((each) => fingerprintOf(each) === fingerprint);

const sign = ({ privateKey }: Pick<Authority, 'privateKey'>, statement: Statement): string =>
  signAsAuthority(privateKey, statement);

/** What a change of the CAs needs. */
export interface ChainParts {
  readonly directory: DataDirectory;
  /** The present CA. */
  readonly authority: Authority;
  /** The password of the CA's keys; undefined when they have none. */
  readonly password: string | undefined;
  readonly ledger: Ledger;
  /** Milliseconds. */
  readonly now: number;
}

const refuse = (message: string): CommandError => new CommandError('authority', message);
const dateText = (ms: number): string => new Date(ms).toISOString();

/**
 * Makes the next CA and signs its succession.
 *
 * @param inMs time from now to the switch
 * @throws CommandError `authority` when one is announced already, or the present CA ends before
 */
export async function announce(parts: ChainParts, inMs: number): Promise<Chain> {
  const { directory, authority, password, ledger, now } = parts;
  const chain = await readChain(directory, authority.certificate);
  const pending = pendingLink(chain, authority.certificate);
  if (pending !== null) {
    throw refuse(
      `A new CA is announced for ${dateText(pending.succession.from)} already: cancel it first with "authority cancel".`,
    );
  }
  if (chain.links.length >= limits.successions) {
    throw refuse(
      `This server has announced ${limits.successions} CAs, which is the most that clients read: start a new server with another --data.`,
    );
  }
  const from = now + inMs;
  const { notAfter } = readCertificate(authority.certificate);
  if (from > notAfter.getTime()) {
    throw refuse(`The present CA ends at ${notAfter.toISOString()}: choose a switch before that with --in.`);
  }
  const next = createCA({ commonName: 'chat server CA', now: new Date(now) });
  const ca = new CertificateAuthority({
    ...{ certificate: authority.certificate, privateKey: authority.privateKey, ledger },
    clock: () => new Date(now),
    authorise: () => ({ profile: 'server', names: {} }),
  });
  const { certificate: crossed } = await ca.crossSign(next.certificate);
  const fields = {
    number: (chain.links.at(-1)?.succession.number ?? 0) + 1,
    previous: authority.fingerprint,
    from,
    madeAt: now,
  };
  const serverId = fingerprintOf(chain.first);
  const statement = successionStatement(serverId, { ...fields, next: fingerprintOf(next.certificate) });
  const signed = { signature: sign(authority, statement), proof: sign(next, statement) };
  await writeSynced(directory.nextAuthorityKey, privateKeyToPem(next.privateKey, password));
  await chmod(directory.nextAuthorityKey, 0o600);
  await writeSynced(directory.nextAuthorityCertificate, next.certificate);
  const added: Link = {
    succession: { ...fields, certificate: next.certificate, ...signed },
    crossed,
    withdrawal: null,
  };
  const changed = { ...chain, links: [...chain.links, added] };
  await writeChain(directory, changed);
  return changed;
}

/**
 * Withdraws the announced CA.
 *
 * @throws CommandError `authority` when none is announced, or its time has come
 */
export async function cancel({ directory, authority, now }: ChainParts): Promise<Chain> {
  const chain = await readChain(directory, authority.certificate);
  const pending = pendingLink(chain, authority.certificate);
  if (pending === null) throw refuse('No new CA is announced: there is nothing to cancel.');
  if (pending.succession.from <= now) {
    throw refuse(
      'The time of the announced CA has come, so clients follow it: start the server, which switches to it.',
    );
  }
  const { number, certificate } = pending.succession;
  const fields = { number, withdrawn: fingerprintOf(certificate) };
  const signature = sign(authority, withdrawalStatement(fingerprintOf(chain.first), fields));
  const withdrawn: Link = { ...pending, withdrawal: { ...fields, signature } };
  const changed = { ...chain, links: chain.links.map((each) => (each === pending ? withdrawn : each)) };
  await writeChain(directory, changed);
  for (const path of [directory.nextAuthorityKey, directory.nextAuthorityCertificate]) await rm(path, { force: true });
  return changed;
}

/**
 * Stops sending cross-certificates: clients that still pin an earlier CA refuse the server from then on.
 *
 * @throws CommandError `authority` when the server has had one CA only, or sends none any more
 */
export async function endOld({ directory, authority }: ChainParts): Promise<Chain> {
  const chain = await readChain(directory, authority.certificate);
  if (historyOf(chain, authority.certificate).crossed.length === 0) {
    throw refuse('Clients that trust an earlier CA of this server are not accepted now: there is nothing to end.');
  }
  const pending = pendingLink(chain, authority.certificate);
  const links = chain.links.map((each) => (each === pending ? each : { ...each, crossed: null }));
  const changed = { ...chain, links };
  await writeChain(directory, changed);
  return changed;
}

/**
 * Puts the announced CA into the place of the present one when its time has come, and finishes a switch that was cut off. The key of
 * the CA before is gone then.
 *
 * @throws CommandError `damaged-data`, `ca-password`, `file-access`
 */
export async function switchWhenDue(
  directory: DataDirectory,
  password: string | undefined,
  now: number,
): Promise<void> {
  const { authorityCertificate, authorityKey, nextAuthorityCertificate, nextAuthorityKey } = directory;
  if (!existsSync(nextAuthorityCertificate) || !existsSync(authorityCertificate)) return;
  const chain = await readChain(directory, await readFile(authorityCertificate, 'utf8'));
  const pending = pendingLink(chain, await readFile(authorityCertificate, 'utf8'));
  if (pending === null || pending.succession.from > now) return;
  const certificate = await readFile(nextAuthorityCertificate, 'utf8');
  // After a switch that was cut off, the key stands in its place already.
  const keyPath = existsSync(nextAuthorityKey) ? nextAuthorityKey : authorityKey;
  const key = createPublicKey(readPrivateKey(keyPath, await readFile(keyPath, 'utf8'), password));
  const isRight =
    fingerprintOf(certificate) === fingerprintOf(pending.succession.certificate) &&
    readCertificate(certificate).publicKey.equals(key);
  if (!isRight) {
    throw new CommandError(
      'damaged-data',
      `${nextAuthorityKey} and ${nextAuthorityCertificate} are not the CA that was announced: restore both from a backup.`,
    );
  }
  if (keyPath === nextAuthorityKey) await renameSynced(nextAuthorityKey, authorityKey);
  await renameSynced(nextAuthorityCertificate, authorityCertificate);
}
