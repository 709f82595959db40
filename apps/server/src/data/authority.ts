/**
 * The server's CA. The first start creates it; no later start does while a file in the directory depends on it.
 *
 * Both files are written under temporary names and synced before either is renamed, the key first. So a start that was cut
 * off has left neither file, or the key and a complete certificate under its temporary name.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, readFile } from 'node:fs/promises';
import { renameSynced, writeAtomically, writeSynced } from '@chat/durable-files';
import {
  CaError,
  type Certificate,
  createCA,
  privateKeyFromPem,
  privateKeyToPem,
  readCertificate,
} from '@chat/mini-ca';
import { CommandError, fileAccessError } from '../command-error.ts';
import type { DataDirectory } from './data-directory.ts';

/** The certificate and the private key of the server's CA. */
export interface Authority {
  /** PEM. */
  readonly certificate: string;
  readonly privateKey: KeyObject;
  /** SHA-256 of the certificate, hex. */
  readonly fingerprint: string;
}

/**
 * Reads the CA. Creates one when the directory has neither a CA nor anything else of a server.
 *
 * @throws CommandError `file-access`, `damaged-data`, `ca-password`, `ca-not-valid`
 */
export async function openAuthority(
  directory: DataDirectory,
  password: string | undefined,
  now: Date = new Date(),
): Promise<Authority> {
  const { authorityKey, authorityCertificate, store, record } = directory;
  try {
    if (existsSync(authorityKey) && !existsSync(authorityCertificate)) await finishFirstStart(directory, password);

    const missing = [authorityKey, authorityCertificate].filter((path) => !existsSync(path));
    if (missing.length === 0) {
      await chmod(authorityKey, 0o600);
      return requireValid(await read(directory, authorityCertificate, password), authorityCertificate, now);
    }
    const kept = [authorityKey, authorityCertificate, store, record].find((path) => existsSync(path));
    if (kept === undefined) return await create(directory, password, now);
    throw new CommandError(
      'damaged-data',
      `${missing.join(' and ')} is missing, but ${kept} depends on it: restore it from a backup.`,
    );
  } catch (error) {
    throw error instanceof CommandError ? error : fileAccessError('use the CA in', directory.path, error);
  }
}

/**
 * Reads the CA of a server that does not run.
 *
 * @throws CommandError `file-access`, `damaged-data`, `ca-password`
 */
export const readAuthority = (directory: DataDirectory, password: string | undefined): Promise<Authority> =>
  read(directory, directory.authorityCertificate, password).catch((error: unknown) => {
    throw error instanceof CommandError ? error : fileAccessError('use the CA in', directory.path, error);
  });

async function create(directory: DataDirectory, password: string | undefined, now: Date): Promise<Authority> {
  const { certificate, privateKey } = createCA({ commonName: 'chat server CA', now });
  await writeAtomically(directory.firstStart, '');
  await writeSynced(`${directory.authorityCertificate}.new`, certificate);
  await writeSynced(`${directory.authorityKey}.new`, privateKeyToPem(privateKey, password));
  await renameSynced(`${directory.authorityKey}.new`, directory.authorityKey);
  await renameSynced(`${directory.authorityCertificate}.new`, directory.authorityCertificate);
  return { certificate, privateKey, fingerprint: readCertificate(certificate).fingerprint };
}

/** Gives a certificate its name that a first start has written but not renamed. */
async function finishFirstStart(directory: DataDirectory, password: string | undefined): Promise<void> {
  const draft = `${directory.authorityCertificate}.new`;
  if (!existsSync(draft)) return;
  await read(directory, draft, password);
  await writeAtomically(directory.firstStart, '');
  await renameSynced(draft, directory.authorityCertificate);
}

/** Reads the key and the certificate and requires that they belong together. Changes nothing. */
async function read(
  { authorityKey }: DataDirectory,
  certificatePath: string,
  password: string | undefined,
): Promise<Authority> {
  const privateKey = readPrivateKey(authorityKey, await readFile(authorityKey, 'utf8'), password);
  const pem = await readFile(certificatePath, 'utf8');
  let certificate: Certificate;
  try {
    certificate = readCertificate(pem);
  } catch (error) {
    throw damagedFile(certificatePath, error);
  }
  if (privateKey.asymmetricKeyDetails?.namedCurve !== 'secp384r1') {
    throw new CommandError(
      'damaged-data',
      `${authorityKey} is not an EC key on P-384, which clients require: restore the key of the first start.`,
    );
  }
  if (!isKeyOf(certificate, privateKey, certificatePath)) {
    throw new CommandError(
      'damaged-data',
      `${authorityKey} is not the key of ${certificatePath}: restore both from one backup.`,
    );
  }
  return { certificate: pem, privateKey, fingerprint: certificate.fingerprint };
}

/** A certificate can be damaged inside its key, which is decoded only here. */
function isKeyOf(certificate: Certificate, privateKey: KeyObject, path: string): boolean {
  try {
    return certificate.publicKey.equals(createPublicKey(privateKey));
  } catch (error) {
    throw damagedFile(path, error);
  }
}

/**
 * Reads the certificate of a CA.
 *
 * @throws CommandError `file-access`, `damaged-data`
 */
export async function readCertificateFile(path: string): Promise<Certificate> {
  const pem = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileAccessError('read', path, error);
  });
  try {
    const certificate = readCertificate(pem);
    // A certificate can be damaged inside its key, which is decoded only here.
    certificate.publicKey;
    return certificate;
  } catch (error) {
    throw damagedFile(path, error);
  }
}

/** A CA's last days, in which the server warns: four times the default time from an announcement to the switch. */
const lastDaysMs = 60 * 24 * 60 * 60 * 1_000;

/** Returns what the operator is to do about a CA that ends soon; null while there is time. */
export function endOfAuthority(certificate: string, now: number): string | null {
  const { notAfter } = readCertificate(certificate);
  if (notAfter.getTime() - now > lastDaysMs) return null;
  return `The CA ends at ${notAfter.toISOString()}: renew it with "chat-server authority announce", in time before.`;
}

/** Requires that the CA is valid now. Clients refuse everything that an invalid CA issues, without a useful reason. */
function requireValid(authority: Authority, path: string, now: Date): Authority {
  const { notBefore, notAfter } = readCertificate(authority.certificate);
  if (now < notBefore) {
    throw new CommandError(
      'ca-not-valid',
      `${path} is valid from ${notBefore.toISOString()}, and this machine's clock says ${now.toISOString()}: set the clock.`,
    );
  }
  if (now > notAfter) {
    throw new CommandError(
      'ca-not-valid',
      `${path} expired at ${notAfter.toISOString()}: set the clock if it is wrong, else start a new server with another --data.`,
    );
  }
  return authority;
}

/**
 * Decrypts and reads the private key of a CA.
 *
 * @throws CommandError `ca-password`, `damaged-data`
 */
export function readPrivateKey(path: string, pem: string, password: string | undefined): KeyObject {
  try {
    return privateKeyFromPem(pem, password);
  } catch (error) {
    const code = error instanceof CaError ? error.code : '';
    if (code === 'wrong-password' && password === undefined) {
      throw new CommandError(
        'ca-password',
        `${path} is encrypted: set CHAT_CA_PASSWORD_FILE to the file that holds its password.`,
      );
    }
    if (code === 'wrong-password') {
      throw new CommandError(
        'ca-password',
        `The password in CHAT_CA_PASSWORD_FILE does not decrypt ${path}: put the right one into that file.`,
      );
    }
    if (code === 'bad-argument') {
      throw new CommandError(
        'ca-password',
        `${path} is not encrypted: unset CHAT_CA_PASSWORD_FILE, or encrypt the key with openssl.`,
      );
    }
    throw damagedFile(path, error);
  }
}

/** Returns the error for a file that cannot be read. */
export const damagedFile = (path: string, cause: unknown): CommandError =>
  new CommandError('damaged-data', `${path} is damaged. It was not changed: restore it from a backup.`, { cause });
