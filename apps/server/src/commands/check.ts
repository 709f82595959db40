/**
 * `chat-server check`: checks everything in the data directory and changes nothing. It reads the files itself, also while a server runs, so that it
 * takes no time from that server.
 */
import { openSqliteStore } from '@chat/store-sqlite';
import { CommandError } from '../command-error.ts';
import type { RequestFor } from '../config/command-line.ts';
import { findCaPassword } from '../configuration/password-file.ts';
import { endOfAuthority, readCertificateFile } from '../data/authority.ts';
import { type DataDirectory, dataDirectory } from '../data/data-directory.ts';
import { examineAuthority } from '../data/examine-authority.ts';
import { examineBlobs } from '../data/examine-blobs.ts';
import { examineModes } from '../data/examine-modes.ts';
import { examineStore, faultText, type StoreFault, type StoreReport } from '../data/examine-store.ts';
import { requireRecord } from '../data/server-record.ts';
import type { RunContext } from '../run-context.ts';
import { keyNotChecked } from './backup.ts';

/** A fault of the store, or of the files of the CA. */
type Fault = StoreFault | { readonly kind: 'file'; readonly detail: string };

interface Report extends Omit<StoreReport, 'faults'> {
  readonly faults: readonly Fault[];
  /** What the operator has to do. */
  readonly warnings: readonly string[];
}

/**
 * Prints what is damaged, and what the operator has to do, which makes the exit code 3.
 *
 * @throws CommandError `not-started`, `damaged-data` when something is damaged; StoreError
 */
export async function check(
  request: RequestFor<'check'>,
  { environment, print, hasWarnings }: RunContext,
): Promise<void> {
  const directory = dataDirectory(request.data, environment);
  await requireRecord(directory);
  const authority = await examineAuthority(
    directory,
    await findCaPassword(directory.path, request.config, environment),
  );
  const stored = await readStore(directory);
  const files = authority.faults.map((detail): Fault => ({ kind: 'file', detail }));
  const warnings = [
    ...(await endsSoon(directory)),
    ...(authority.isKeyChecked || authority.faults.length > 0 ? [] : [keyNotChecked]),
    ...(stored.faults.length > 0 ? [] : await examineBlobs(directory)),
    ...(await examineModes(directory)).map(({ text, remedy }) => `${text}: run "${remedy}".`),
  ];
  const report: Report = { ...stored, faults: [...files, ...stored.faults], warnings };
  print(request.json ? JSON.stringify(report) : asText(report));
  if (report.faults.length > 0) {
    throw new CommandError(
      'damaged-data',
      `${directory.path} is damaged in ${report.faults.length} places: stop the server and restore a backup.`,
    );
  }
  if (warnings.length > 0) hasWarnings();
}

async function readStore(directory: DataDirectory): Promise<StoreReport> {
  const store = await openSqliteStore(directory.store, { readOnly: true });
  try {
    return await examineStore(store);
  } finally {
    await store.close();
  }
}

/** A certificate that cannot be read is a fault that `examineAuthority` has found. */
async function endsSoon({ authorityCertificate }: DataDirectory): Promise<readonly string[]> {
  const certificate = await readCertificateFile(authorityCertificate).catch(() => null);
  const ends = certificate === null ? null : endOfAuthority(certificate.pem, Date.now());
  return ends === null ? [] : [ends];
}

const textOf = (fault: Fault): string => (fault.kind === 'file' ? fault.detail : faultText(fault));

function asText({ rooms, entries, accounts, faults, warnings }: Report): string {
  const counts = `Checked: rooms ${rooms}, entries ${entries}, accounts ${accounts}.`;
  return [...faults.map(textOf), counts, ...warnings, ...(faults.length === 0 ? ['All is sound.'] : [])].join('\n');
}
