/** `chat-server doctor`: what the operator has to mend, in the machine and in the data directory. It changes nothing. */
import { StoreError } from '@chat/store-sqlite';
import { askServer } from '../admin/admin-client.ts';
import { CommandError } from '../command-error.ts';
import type { RequestFor } from '../config/command-line.ts';
import { openFilesLimit, openFilesLimitOf } from '../config/open-files.ts';
import { readPassword } from '../config/password-file.ts';
import { ownCommand, shellWord } from '../config/shell-word.ts';
import { dataDirectory, serverPid } from '../data/data-directory.ts';
import { readRecord } from '../data/server-record.ts';
import { authorityFindings, type Examined, fileFindings, statusFindings, storeFindings } from '../doctor/data.ts';
import { type Finding, problem, well } from '../doctor/finding.ts';
import { nodeFinding, openFilesFinding, portFinding } from '../doctor/machine.ts';
import type { RunContext } from '../run-context.ts';
import { directoryStatus } from '../status/directory-status.ts';

/** The version of this program. */
interface DoctorContext extends RunContext {
  readonly version: string;
}

/**
 * Prints each finding with the command that mends it.
 *
 * @throws CommandError `to-mend` when there is a problem, `file-access`, `ca-password`
 */
export async function doctor(request: RequestFor<'doctor'>, context: DoctorContext): Promise<void> {
  const findings = await findingsOf(request, context);
  context.print(request.json ? findings.map((each) => JSON.stringify(each)).join('\n') : asText(findings));
  const problems = findings.filter(({ level }) => level === 'problem').length;
  if (problems === 0) return;
  throw new CommandError('to-mend', `To mend: ${problems}. The command below each problem mends it or shows more.`);
}

async function findingsOf(
  request: RequestFor<'doctor'>,
  { environment, version }: DoctorContext,
): Promise<readonly Finding[]> {
  const directory = dataDirectory(request.data, environment);
  const data = request.data ?? null;
  const serving = await examined('server', directory.path, () => askServer(directory.adminSocket, 'status', {}));
  const report = serving.value ?? null;
  const pid = report === null ? null : await serverPid(directory);
  const files = (pid === null ? null : await openFilesLimitOf(pid)) ?? openFilesLimit();
  const machine = [nodeFinding(process.versions.node), openFilesFinding(files), ...serving.findings];
  const ports = [
    { option: 'enrol-port', port: request['enrol-port'] },
    { option: 'chat-port', port: request['chat-port'] },
  ] as const;
  const isServing = report !== null || serving.findings.length > 0;
  for (const each of ports) {
    if (each.port === 0) continue;
    machine.push(isServing ? well(`port ${each.port}`, 'The server runs.') : await portFinding(request.host, each));
  }
  if ((await readRecord(directory)) === null) {
    const text = `No server was ever started in ${directory.path}.`;
    return [...machine, problem('data', text, ownCommand('start', data))];
  }
  const now = Date.now();
  const about: Examined = { directory, data, password: await readPassword(environment), now };
  const parts = [
    await examined('files', directory.path, () => fileFindings(about)),
    await examined('CA', directory.path, () => authorityFindings(about)),
    await examined('store', directory.path, () => storeFindings(about)),
    await examined('status', directory.path, async () => {
      const known = report ?? { serving: null, ...(await directoryStatus(directory, { now, live: null })) };
      return statusFindings(known, { data, now, version });
    }),
  ];
  return [...machine, ...parts.flatMap(({ value, findings }) => [...findings, ...(value ?? [])])];
}

/** Looks at one thing. What cannot be looked at is a problem, and does not keep the others from being looked at. */
async function examined<T>(
  about: string,
  path: string,
  look: () => Promise<T>,
): Promise<{ readonly value?: T; readonly findings: readonly Finding[] }> {
  try {
    return { value: await look(), findings: [] };
  } catch (error) {
    if (!(error instanceof CommandError || error instanceof StoreError)) throw error;
    return { findings: [problem(about, error.message, `ls -la ${shellWord(path)}`)] };
  }
}

const labels = { well: 'well   ', note: 'note   ', problem: 'PROBLEM' } as const;

function asText(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ about }) => about.length));
  const indent = ' '.repeat(labels.well.length + width + 4);
  return findings
    .map(({ about, level, text, remedy }) => {
      const line = `${labels[level]}  ${about.padEnd(width)}  ${text}`;
      return remedy === null ? line : `${line}\n${indent}$ ${remedy}`;
    })
    .join('\n');
}
