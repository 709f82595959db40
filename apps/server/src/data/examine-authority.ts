/** Checks the files of the CA and the server record, and changes nothing. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { CommandError } from '../command-error.ts';
import { readAuthority, readCertificateFile } from './authority.ts';
import { hasHad, pendingLink, readChain } from './authority-chain.ts';
import type { DataDirectory } from './data-directory.ts';
import { requireRecord } from './server-record.ts';

/** What was found. */
export interface AuthorityReport {
  /** What is damaged, does not belong together or is missing: a sentence for each. */
  readonly faults: readonly string[];
  /** False when the key of the CA is encrypted and its password was not given, so that it could not be compared with the certificate. */
  readonly isKeyChecked: boolean;
  readonly isKeyEncrypted: boolean;
  /** Of the CA; null when its certificate cannot be read. */
  readonly fingerprint: string | null;
}

/**
 * Checks that the CA, its chain and the record are whole and belong together.
 *
 * @param password of the CA's keys; undefined when none is given
 */
export async function examineAuthority(
  directory: DataDirectory,
  password: string | undefined,
): Promise<AuthorityReport> {
  const faults: string[] = [];
  const check = async <T>(work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      faults.push(error.message);
      return null;
    }
  };
  const present = await check(() => readCertificateFile(directory.authorityCertificate));
  const record = await check(() => requireRecord(directory));
  const isKeyEncrypted = await hasEncryptedKey(directory);
  if (present === null) return { faults, isKeyChecked: false, isKeyEncrypted, fingerprint: null };
  const { fingerprint } = present;
  const chain = await check(() => readChain(directory, present.pem));
  if (chain !== null && record !== null && !hasHad(chain, present.pem, record.caFingerprint)) {
    faults.push(`${directory.authorityCertificate} is not the CA that ${directory.record} names.`);
  }
  const pending = chain === null ? null : pendingLink(chain, present.pem);
  if (isKeyEncrypted && password === undefined) return { faults, isKeyChecked: false, isKeyEncrypted, fingerprint };
  // A switch that was cut off has renamed the key alone, and the next start finishes it.
  const isCutOff =
    pending !== null && existsSync(directory.nextAuthorityCertificate) && !existsSync(directory.nextAuthorityKey);
  const { nextAuthorityCertificate: authorityCertificate, nextAuthorityKey: authorityKey } = directory;
  if (isCutOff) await check(() => readAuthority({ ...directory, authorityCertificate }, password));
  else {
    await check(() => readAuthority(directory, password));
    if (pending !== null)
      await check(() => readAuthority({ ...directory, authorityCertificate, authorityKey }, password));
  }
  return { faults, isKeyChecked: true, isKeyEncrypted, fingerprint };
}

const hasEncryptedKey = ({ authorityKey }: DataDirectory): Promise<boolean> =>
  readFile(authorityKey, 'utf8').then(
    (pem) => pem.includes('ENCRYPTED'),
    () => false,
  );
