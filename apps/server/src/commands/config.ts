/** `chat-server config`: prints the settings in force, checks a configuration file, and makes a running server read its file again. */
import { resolve } from 'node:path';
import { askServer } from '../admin/admin-client.ts';
import type { AdminResult } from '../admin/admin-operation.ts';
import { settingsInForce } from '../admin/settings-in-force.ts';
import { CommandError } from '../command-error.ts';
import type { RequestFor } from '../config/command-line.ts';
import { changeText, configPlace, configurationOf, readConfig } from '../configuration/configuration.ts';
import type { ReportedSetting } from '../configuration/configuration-report.ts';
import { exampleFile, fileLine } from '../configuration/example-file.ts';
import { settingsOf } from '../configuration/settings.ts';
import { dataDirectory } from '../data/data-directory.ts';
import { requireRecord } from '../data/server-record.ts';
import type { RunContext } from '../run-context.ts';

/**
 * Prints the settings, unless the operator asks for something else.
 *
 * @throws CommandError `usage`, `config`, `file-access`, `not-started`, `not-running`, `no-answer`; ProtocolError
 */
export async function config(request: RequestFor<'config'>, context: RunContext): Promise<void> {
  const { action, check, example, json, changed } = request;
  if ([action !== undefined, check !== undefined, example].filter(Boolean).length > 1) {
    throw new CommandError('usage', 'reload, --check and --example are three requests: make one of them.');
  }
  if (example) return context.print(exampleFile());
  if (check !== undefined) return checkFile(check, json, context);
  if (action === 'reload') return reload(request, context);
  const { environment, print } = context;
  const { isRunning, settings } = await settingsInForce({ ...request, environment });
  const shown = settings.filter(({ from }) => !changed || from !== 'default');
  if (json) for (const setting of shown) print(JSON.stringify(setting));
  else print(asText(shown, isRunning));
}

/** The rules for single settings, and those for several of them, without the options and variables of a start. */
async function checkFile(path: string, json: boolean, { print }: RunContext): Promise<void> {
  const place = configPlace(path, '');
  const file = await readConfig(place);
  settingsOf(configurationOf({ given: new Map(), environment: {}, file }));
  const count = file?.entries.size ?? 0;
  const settings = count === 1 ? '1 setting' : `${count} settings`;
  print(json ? JSON.stringify({ file: resolve(path), settings: count }) : `${place.path} is valid: ${settings}.`);
}

async function reload(
  { data, json }: Pick<RequestFor<'config'>, 'data' | 'json'>,
  { environment, print }: RunContext,
): Promise<void> {
  const directory = dataDirectory(data, environment);
  await requireRecord(directory);
  const answer = await askServer(directory.adminSocket, 'reload', {});
  if (answer === null) {
    throw new CommandError(
      'not-running',
      `No server runs on ${directory.path}: it reads its configuration when it starts.`,
    );
  }
  print(json ? JSON.stringify(answer) : reloadText(answer));
}

function reloadText({ file, changed, restart }: AdminResult<'reload'>): string {
  const list = (title: string, changes: typeof changed): readonly string[] =>
    changes.length === 0 ? [] : [title, ...changes.map((each) => `  ${changeText(each)}`)];
  return [
    file === null ? 'There is no configuration file.' : `The server has read ${file}.`,
    ...(changed.length === 0 && restart.length === 0 ? ['Nothing has changed.'] : []),
    ...list('Changed:', changed),
    ...list('Needs a restart of the server:', restart),
  ].join('\n');
}

const placeText = ({ from, where }: ReportedSetting): string =>
  where === null ? from : from === 'default' ? `default, ${where}` : `${from} ${where}`;

/** The lines are those of a configuration file. */
function asText(settings: readonly ReportedSetting[], isRunning: boolean): string {
  const rows = settings.map((setting) => {
    const { name, value } = setting;
    return { line: value === null ? `# ${name} is not set` : fileLine(name, value), place: placeText(setting) };
  });
  const width = Math.min(48, Math.max(0, ...rows.map(({ line }) => line.length)));
  const head = isRunning
    ? '# The settings of the running server.'
    : '# No server runs. One without options would start with these settings.';
  return [head, ...rows.map(({ line, place }) => `${line.padEnd(width)}  # ${place}`)].join('\n');
}
