/** `chat-server doctor`: what the operator has to mend, in the machine and in the data directory. It changes nothing. */
import { StoreError } from '@chat/store-sqlite';
import { askServer } from '../admin/admin-client.ts';
import { CommandError } from '../command-error.ts';
import type { RequestFor } from '../config/command-line.ts';
import { openFilesLimit, openFilesLimitOf } from '../config/open-files.ts';
import { ownCommand, shellWord } from '../config/shell-word.ts';
import { configPlace, configurationOf, readConfig } from '../configuration/configuration.ts';
import { readCaPassword } from '../configuration/password-file.ts';
import { type Settings, settingsOf } from '../configuration/settings.ts';
import { type DataDirectory, dataDirectory, serverPid } from '../data/data-directory.ts';
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

/** What is asked for, and the texts of the options that stand on the command line. */
type DoctorRequest = RequestFor<'doctor'> & { readonly given: ReadonlyMap<string, string> };

/**
 * Prints each finding with the command that mends it.
 *
 * @throws CommandError `to-mend` when there is a problem, `file-access`, `ca-password`
 */
export async function doctor(request: DoctorRequest, context: DoctorContext): Promise<void> {
  const findings = await findingsOf(request, context);
  context.print(request.json ? findings.map((each) => JSON.stringify(each)).join('\n') : asText(findings));
  const problems = findings.filter(({ level }) => level === 'problem').length;
  if (problems === 0) return;
  throw new CommandError('to-mend', `To mend: ${problems}. The command below each problem mends it or shows more.`);
}

async function findingsOf(
  request: DoctorRequest,
  { environment, version }: DoctorContext,
): Promise<readonly Finding[]> {
  const directory = dataDirectory(request.data, environment);
  const data = request.data ?? null;
  const serving = await examined('server', directory.path, () => askServer(directory.adminSocket, 'status', {}));
  const report = serving.value ?? null;
  const pid = report === null ? null : await serverPid(directory);
  const files = (pid === null ? null : await openFilesLimitOf(pid)) ?? openFilesLimit();
  const { settings, findings } = await settingsFor(request, directory, environment);
  const { host, limits } = settings;
  const machine = [
    nodeFinding(process.versions.node),
    openFilesFinding(files, limits),
    ...findings,
    ...serving.findings,
  ];
  const ports = [
    { option: 'enrol-port', port: settings.enrolmentPort },
    { option: 'chat-port', port: settings.chatPort },
  ] as const;
  const isServing = report !== null || serving.findings.length > 0;
  for (const each of ports) {
    if (each.port === 0) continue;
    machine.push(isServing ? well(`port ${each.port}`, 'The server runs.') : await portFinding(host, each));
  }
  if ((await readRecord(directory)) === null) {
    const text = `No server was ever started in ${directory.path}.`;
    return [...machine, problem('data', text, ownCommand('init', data))];
  }
  const now = Date.now();
  const reserveBytes = limits.storageReserveBytes;
  const about: Examined = { directory, data, password: await readCaPassword(settings.caPasswordFile), now };
  const parts = [
    await examined('files', directory.path, () => fileFindings(about)),
    await examined('CA', directory.path, () => authorityFindings(about)),
    await examined('store', directory.path, () => storeFindings(about)),
    await examined('status', directory.path, async () => {
      const known = report ?? {
        serving: null,
        ...(await directoryStatus(directory, { now, live: null, reserveBytes })),
      };
      return statusFindings(known, { data, now, version });
    }),
  ];
  return [...machine, ...parts.flatMap(({ value, findings }) => [...findings, ...(value ?? [])])];
}

/** Finds the settings with which the server is to start. Where its configuration is not valid, the defaults stand in for the file. */
async function settingsFor(
  { given, config }: DoctorRequest,
  { path }: DataDirectory,
  environment: RunContext['environment'],
): Promise<{ readonly settings: Settings; readonly findings: readonly Finding[] }> {
  const place = configPlace(config, path);
  try {
    const file = await readConfig(place);
    const settings = settingsOf(configurationOf({ given, environment, file }));
    return { settings, findings: file === null ? [] : [well('configuration', `${file.path} is valid.`)] };
  } catch (error) {
    if (!(error instanceof CommandError) || error.code === 'usage') throw error;
    const finding = problem('configuration', error.message, `chat-server config --check ${shellWord(place.path)}`);
    return { settings: settingsOf(configurationOf({ given, environment, file: null })), findings: [finding] };
  }
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
