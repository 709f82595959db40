/** `chat-server`: opens the parts of a server, serves until a signal, and closes the parts in reverse order. */
import { BackupSchedule } from '../backup/backup-schedule.ts';
import { requireNoRestore } from '../backup/restore-backup.ts';
import type { StartRequest } from '../config/command-line.ts';
import { connectionsWithin, openFilesLimit } from '../config/open-files.ts';
import { configPlace, configurationOf, readConfig } from '../configuration/configuration.ts';
import { readCaPassword } from '../configuration/password-file.ts';
import { type Settings, settingsOf } from '../configuration/settings.ts';
import { dataDirectory, lockDirectory, prepareDirectory, unlockDirectory } from '../data/data-directory.ts';
import { type OpenLog, openLog } from '../log.ts';
import type { Observability } from '../observability/observability.ts';
import { LiveConfiguration } from '../serving/live-configuration.ts';
import { prepareBackups } from '../serving/prepare-backups.ts';
import { serveOnce } from '../serving/serve.ts';
import type { Ports, ServeParts, StartContext } from '../serving/serve-parts.ts';
import { stopSignal } from '../stop-signal.ts';

const closeLogTimeoutMs = 1_000;

/**
 * Resolves when a signal has stopped the server and everything is closed.
 *
 * @throws CommandError, StoreError
 */
export async function start({ data, config, given }: StartRequest, context: StartContext): Promise<void> {
  const { environment, program } = context;
  const directory = dataDirectory(data, environment);
  const sources = { given, environment, place: configPlace(config, directory.path) };
  const file = await readConfig(sources.place);
  const configuration = configurationOf({ ...sources, file });
  const settings = settingsOf(configuration);
  const openFiles = openFilesLimit();
  const connections = connectionsWithin(openFiles, settings.limits);
  await prepareDirectory(directory);
  requireNoRestore(directory);
  const lock = await lockDirectory(directory);
  const lines = openLog(settings.log);
  const { log } = lines;
  let reload: () => void = () => undefined;
  const stop = stopSignal(() => reload());
  const password = await readCaPassword(settings.caPasswordFile);
  await prepareBackups(settings.backups);
  const { caPasswordFile } = settings;
  const backups = new BackupSchedule({ directory, log, program, clock: Date.now, caPasswordFile }, settings.backups);
  const live = new LiveConfiguration({ configuration, hadFile: file !== null, sources, lines, backups, openFiles });
  // A reload that fails has logged the reason.
  reload = () => void live.reload().catch(() => undefined);
  if (connections < settings.limits.connections) {
    log.warn({ connections }, 'the limit of open files allows fewer connections than wanted; raise it with ulimit -n');
  }
  let observability: Observability | null = null;
  try {
    observability = await openObservability(settings, { directory, version: context.version, lines });
    const parts = { ...context, live, directory, password, log, observability, stop, backups };
    const isDefaultDirectory = data === undefined;
    // After a change of the CAs the server begins anew in this process, at the same ports: clients connect again by themselves.
    for (let portsBefore: Ports | null = null, isDone = false; !isDone; isDone = portsBefore === null) {
      portsBefore = await serveOnce({ ...parts, isDefaultDirectory, portsBefore });
    }
  } finally {
    reload = () => undefined;
    await backups.stop();
    await observability?.close();
    await unlockDirectory(directory, lock);
    // A log write that its reader blocks would keep the process alive through any gentler exit.
    if (!(await lines.close(closeLogTimeoutMs))) process.kill(process.pid, 'SIGKILL');
  }
}

/** Serves metrics, if they are wanted. Only then is the code for them loaded. */
async function openObservability(
  { metrics }: Settings,
  { directory, version, lines }: Pick<ServeParts, 'directory' | 'version'> & { readonly lines: OpenLog },
): Promise<Observability | null> {
  if (metrics === null) return null;
  const module = await import('../observability/observability.ts');
  return module.Observability.open(metrics, { directory, version, log: lines.log, lines: () => lines.counts });
}
