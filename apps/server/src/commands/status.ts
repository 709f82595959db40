/** `chat-server status`: how a server is, whether it runs or not. */
import { askServer } from '../admin/admin-client.ts';
import { bytesText, durationText } from '../config/amounts.ts';
import type { RequestFor } from '../config/command-line.ts';
import { configPlace, configurationWithoutOptions } from '../configuration/configuration.ts';
import { settingsOf } from '../configuration/settings.ts';
import { type DataDirectory, dataDirectory } from '../data/data-directory.ts';
import { requireRecord } from '../data/server-record.ts';
import type { RunContext } from '../run-context.ts';
import { directoryStatus } from '../status/directory-status.ts';
import { type StatusReport, warningsOf } from '../status/status-report.ts';

/**
 * Prints a report, and what the operator has to do, which makes the exit code 3.
 *
 * @throws CommandError `not-started`, `no-answer`, `file-access`, `damaged-data`, `config`, `usage`; ProtocolError
 */
export async function status(
  request: RequestFor<'status'>,
  { environment, print, hasWarnings }: RunContext,
): Promise<void> {
  const directory = dataDirectory(request.data, environment);
  await requireRecord(directory);
  const now = Date.now();
  const report =
    (await askServer(directory.adminSocket, 'status', {})) ??
    (await withoutServer(directory, request.config, { environment, now }));
  const warnings = warningsOf(report, now).map(({ text }) => text);
  print(request.json ? asJson(report, warnings) : asText(report, { warnings, now }));
  if (warnings.length > 0) hasWarnings();
}

async function withoutServer(
  directory: DataDirectory,
  config: string | undefined,
  { environment, now }: Pick<RunContext, 'environment'> & { readonly now: number },
): Promise<StatusReport> {
  const place = configPlace(config, directory.path);
  const { limits } = settingsOf(await configurationWithoutOptions(place, environment));
  const reserveBytes = limits.storageReserveBytes;
  return { serving: null, ...(await directoryStatus(directory, { now, live: null, reserveBytes })) };
}

const iso = (time: number): string => new Date(time).toISOString();

function asJson({ serving, authority, backup, ...rest }: StatusReport, warnings: readonly string[]): string {
  const { since, endsAt, nextFrom } = authority;
  return JSON.stringify({
    well: warnings.length === 0,
    running: serving !== null,
    serving: serving && {
      ...serving,
      startedAt: iso(serving.startedAt),
      certificateEndsAt: iso(serving.certificateEndsAt),
    },
    ...rest,
    authority: { since: iso(since), endsAt: iso(endsAt), nextFrom: nextFrom && iso(nextFrom) },
    backup: {
      last: backup.last && { ...backup.last, at: iso(backup.last.at) },
      failure: backup.failure && { ...backup.failure, at: iso(backup.failure.at) },
    },
    warnings,
  });
}

function asText(
  { serving, stored, today, disk, authority, backup }: StatusReport,
  { warnings, now }: { readonly warnings: readonly string[]; readonly now: number },
): string {
  const row = (name: string, text: string): string => `${name.padEnd(13)}${text}`;
  const ago = (time: number): string => `${durationText(now - time)} ago`;
  const of = (amount: { readonly messages: number; readonly bytes: number }): string =>
    `${amount.messages} messages, ${bytesText(amount.bytes)}`;
  const growth = disk.growthBytesPerDay === null ? '' : `, which grow by ${bytesText(disk.growthBytesPerDay)} a day`;
  const rows = [
    ...(serving === null
      ? [row('server', 'does not run')]
      : [
          row('server', `version ${serving.version}, started ${ago(serving.startedAt)}`),
          row('connections', String(serving.connections)),
          row(
            'load',
            `${serving.waiting} entries wait for the disk; the loop is late by ${serving.loopDelay.p99Ms} ms (1 in 100), at most ${serving.loopDelay.maxMs} ms`,
          ),
          row('certificate', `until ${iso(serving.certificateEndsAt)}; the server renews it`),
        ]),
    ...(stored === null ? [] : [row('stored', `${stored.rooms} rooms, ${of(stored)}`)]),
    ...(today === null ? [] : [row('today', of(today))]),
    row('disk', `${bytesText(disk.freeBytes)} free; the store's files have ${bytesText(disk.fileBytes)}${growth}`),
    row(
      'CA',
      `until ${iso(authority.endsAt)}${authority.nextFrom === null ? '' : `; the next one follows at ${iso(authority.nextFrom)}`}`,
    ),
    row(
      'backup',
      backup.last === null ? 'none' : `${ago(backup.last.at)}, ${bytesText(backup.last.bytes)}, in ${backup.last.file}`,
    ),
  ];
  return [...rows, ...(warnings.length === 0 ? ['All is well.'] : warnings.map((each) => `Warning: ${each}`))].join(
    '\n',
  );
}
