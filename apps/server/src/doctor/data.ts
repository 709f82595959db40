/** Whether what a data directory holds is whole, private and recent. */
import { openSqliteStore } from '@chat/store-sqlite';
import { readBackupRecord } from '../backup/backup-record.ts';
import { ownCommand, shellWord } from '../config/shell-word.ts';
import { readCertificateFile } from '../data/authority.ts';
import type { DataDirectory } from '../data/data-directory.ts';
import { examineAuthority } from '../data/examine-authority.ts';
import { examineModes } from '../data/examine-modes.ts';
import { allRooms, examineStore } from '../data/examine-store.ts';
import { type StatusReport, warningsOf } from '../status/status-report.ts';
import { type Finding, note, problem, well } from './finding.ts';
import { clockFinding } from './machine.ts';

/** A data directory to look at. */
export interface Examined {
  readonly directory: DataDirectory;
  /** The data directory as commands name it; null when it is the default one. */
  readonly data: string | null;
  /** Of the CA's key; undefined when it is not given. */
  readonly password: string | undefined;
  /** Milliseconds. */
  readonly now: number;
}

/** Judges who can use the files. */
export async function fileFindings({ directory }: Examined): Promise<readonly Finding[]> {
  const wrong = await examineModes(directory);
  if (wrong.length === 0) return [well('files', `${directory.path} is private to its owner.`)];
  return wrong.map(({ text, remedy }) => problem('files', `${text}.`, remedy));
}

/** Judges the files of the CA. */
export async function authorityFindings({ directory, data, password }: Examined): Promise<readonly Finding[]> {
  const { faults, isKeyChecked, isKeyEncrypted } = await examineAuthority(directory, password);
  if (faults.length > 0)
    return faults.map((text) => problem('CA', text, ownCommand('restore FILE', `${directory.path}-restored`)));
  if (!isKeyChecked) {
    const text = 'The key of the CA is encrypted and was not checked: name the file of its password.';
    return [note('CA key', text, `CHAT_CA_PASSWORD_FILE=FILE ${ownCommand('doctor', data)}`)];
  }
  if (isKeyEncrypted) return [well('CA key', 'It is encrypted, and belongs to the certificate.')];
  const text =
    'It is not encrypted: a person who gets a copy of the directory, or of a backup in the clear, can pretend to be this server. After the command start the server with CHAT_CA_PASSWORD_FILE=FILE.';
  const [key, draft] = [directory.authorityKey, `${directory.authorityKey}.new`].map(shellWord);
  return [
    note(
      'CA key',
      text,
      `openssl pkcs8 -topk8 -v2 aes-256-cbc -passout file:FILE -in ${key} -out ${draft} && mv ${draft} ${key}`,
    ),
  ];
}

/** Judges the store, and the clock by what is stored. */
export async function storeFindings({ directory, data, now }: Examined): Promise<readonly Finding[]> {
  const store = await openSqliteStore(directory.store, { readOnly: true });
  try {
    const { faults, rooms, entries } = await examineStore(store);
    const sound =
      faults.length === 0
        ? well('store', `Sound: ${rooms} rooms, ${entries} entries.`)
        : problem('store', `It is damaged in ${faults.length} places, which "check" lists.`, ownCommand('check', data));
    const times = [
      {
        what: 'the certificate of the CA',
        at: (await readCertificateFile(directory.authorityCertificate)).notBefore.getTime(),
      },
      { what: 'the latest list of revoked certificates', at: (await store.ledger.latestCrl())?.at ?? 0 },
      { what: 'the latest entry of a room', at: Math.max(0, ...(await allRooms(store)).map(({ lastAt }) => lastAt)) },
      { what: 'the last backup', at: (await readBackupRecord(directory)).last?.at ?? 0 },
    ];
    const latest = times.reduce((a, b) => (b.at > a.at ? b : a));
    return [sound, clockFinding(now, latest)];
  } finally {
    await store.close();
  }
}

/** Judges what `status` reports. That no server runs is no fault: the operator may look before the start. */
export function statusFindings(
  report: StatusReport,
  { data, now, version }: Pick<Examined, 'data' | 'now'> & { readonly version: string },
): readonly Finding[] {
  const { serving } = report;
  const warnings = warningsOf(report, now);
  const findings = warnings.map(({ about, text, command }) =>
    (about === 'server' ? note : problem)(about, text, ownCommand(command, data)),
  );
  const good: Readonly<Record<'disk' | 'CA' | 'backup', Finding>> = {
    disk: well('disk', 'There is space.'),
    CA: well('CA', `Valid until ${new Date(report.authority.endsAt).toISOString()}.`),
    backup:
      report.backup.last === null
        ? note('backup', 'There is none yet.', ownCommand('backup FILE', data))
        : well('backup', `The last one is of ${new Date(report.backup.last.at).toISOString()}.`),
  };
  const warned = new Set<string>(warnings.map(({ about }) => about));
  findings.push(...Object.values(good).filter(({ about }) => !warned.has(about)));
  if (serving === null) return findings;
  if (serving.certificateEndsAt <= now) {
    findings.push(
      problem(
        'certificate',
        'The certificate of the server has ended, and it could not renew it.',
        ownCommand('logs info', data),
      ),
    );
  }
  if (serving.version !== version) {
    const text = `Version ${serving.version} runs, and this is version ${version}: restart the server.`;
    findings.push(problem('version', text, 'systemctl restart chat-server'));
  } else findings.push(well('server', `Version ${version} runs.`));
  return findings;
}
