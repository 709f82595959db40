/**
 * The server's CA: made at the first start, and never again while anything in the directory relies on it.
 *
 * Both files are written aside and synced before either gets its name, the key first. So a start that was cut off left
 * neither name, or the key's name and a certificate that is complete under its other name.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, readFile } from 'node:fs/promises';
import { renameSynced, writeSynced } from '@chat/durable-files';
import {
  CaError,
  type Certificate,
  createCA,
  privateKeyFromPem,
  privateKeyToPem,
  readCertificate,
} from '@chat/mini-ca';
import { Complaint, cannot } from '../command-error.ts';
import type { DataDirectory } from './data-directory.ts';

export interface Authority {
  /** PEM. */
  readonly certificate: string;
  readonly privateKey: KeyObject;
  /** SHA-256 of the certificate, hex. */
  readonly fingerprint: string;
}

/** Reads the CA; makes one when there is none and nothing else either. Throws `Complaint`. */
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
    throw new Complaint(`${missing.join(' and ')} belongs beside ${kept} and is missing: restore it from a backup.`);
  } catch (error) {
    throw error instanceof Complaint ? error : cannot('use the CA in', directory.path, error);
  }
}

async function create(directory: DataDirectory, password: string | undefined, now: Date): Promise<Authority> {
  const { certificate, privateKey } = createCA({ commonName: 'chat server CA', now });
  await writeSynced(`${directory.authorityCertificate}.new`, certificate);
  await writeSynced(`${directory.authorityKey}.new`, privateKeyToPem(privateKey, password));
  await renameSynced(`${directory.authorityKey}.new`, directory.authorityKey);
  await renameSynced(`${directory.authorityCertificate}.new`, directory.authorityCertificate);
  return { certificate, privateKey, fingerprint: readCertificate(certificate).fingerprint };
}

async function finishFirstStart(directory: DataDirectory, password: string | undefined): Promise<void> {
  const aside = `${directory.authorityCertificate}.new`;
  if (!existsSync(aside)) return;
  await read(directory, aside, password);
  await renameSynced(aside, directory.authorityCertificate);
}

/** Throws `Complaint` unless key and certificate can be read and belong together. Changes nothing. */
async function read(
  { authorityKey }: DataDirectory,
  certificatePath: string,
  password: string | undefined,
): Promise<Authority> {
  const privateKey = readKey(authorityKey, await readFile(authorityKey, 'utf8'), password);
  const pem = await readFile(certificatePath, 'utf8');
  let certificate: Certificate;
  try {
    certificate = readCertificate(pem);
  } catch (error) {
    throw damaged(certificatePath, error);
  }
  if (privateKey.asymmetricKeyDetails?.namedCurve !== 'secp384r1') {
    throw new Complaint(
      `${authorityKey} is no EC key on P-384, which clients expect: restore the one made at the first start.`,
    );
  }
  if (!certificate.publicKey.equals(createPublicKey(privateKey))) {
    throw new Complaint(`${authorityKey} is not the key of ${certificatePath}: restore both from one backup.`);
  }
  return { certificate: pem, privateKey, fingerprint: certificate.fingerprint };
}

/** Throws `Complaint` unless the CA may issue now: nothing would work, and nobody would be told why. */
function requireValid(authority: Authority, path: string, now: Date): Authority {
  const { notBefore, notAfter } = readCertificate(authority.certificate);
  if (now < notBefore) {
    throw new Complaint(
      `This machine's clock says ${now.toISOString()} and ${path} is valid from ${notBefore.toISOString()} on: set the clock.`,
    );
  }
  if (now > notAfter) {
    throw new Complaint(
      `${path} ended ${notAfter.toISOString()}: set the clock if it is wrong, or start anew with another --data.`,
    );
  }
  return authority;
}

function readKey(path: string, pem: string, password: string | undefined): KeyObject {
  try {
    return privateKeyFromPem(pem, password);
  } catch (error) {
    const code = error instanceof CaError ? error.code : '';
    if (code === 'wrong-password' && password === undefined) {
      throw new Complaint(`${path} is encrypted: name the file with its password in CHAT_CA_PASSWORD_FILE.`);
    }
    if (code === 'wrong-password') throw new Complaint(`The password in CHAT_CA_PASSWORD_FILE does not open ${path}.`);
    if (code === 'bad-argument') {
      throw new Complaint(`${path} is not encrypted: unset CHAT_CA_PASSWORD_FILE, or encrypt the key with openssl.`);
    }
    throw damaged(path, error);
  }
}

const damaged = (path: string, cause: unknown): Complaint =>
  new Complaint(`${path} is damaged and was left as it is: restore it from a backup.`, { cause });
