/** What a server needs of the machine: Node, files, ports, and a clock that is not behind. */
import { createServer } from 'node:net';
import { codeOf } from '@chat/protocol';
import type { ServerLimits } from '@chat/server-core';
import { connectionsWithin, fewestFiles } from '../config/open-files.ts';
import { type Finding, note, problem, well } from './finding.ts';

/** The major version of Node that this program needs. */
const neededNode = 24;
/** A clock may be corrected by so much without harm. */
const clockToleranceMs = 60_000;

/** Judges the version of Node. */
export function nodeFinding(version: string): Finding {
  if (Number.parseInt(version, 10) >= neededNode) return well('node', `Node ${version}.`);
  const text = `This is Node ${version}, and the server needs Node ${neededNode} or later.`;
  return problem('node', text, `npm install --global node@${neededNode}`);
}

/** Judges the limit of open files, of a running server or of this process, by the limits of the server. */
export function openFilesFinding(limit: number, limits: ServerLimits): Finding {
  const remedy = 'ulimit -n 65536';
  const fewest = fewestFiles(limits);
  if (limit < fewest) {
    return problem(
      'open files',
      `The limit of open files is ${limit}, and a server needs ${fewest}: raise it where the server starts, or set LimitNOFILE= of its service.`,
      remedy,
    );
  }
  const connections = connectionsWithin(limit, limits);
  if (connections === limits.connections) return well('open files', `Enough for ${connections} connections.`);
  return note('open files', `The limit of ${limit} open files allows ${connections} connections.`, remedy);
}

/** A port of the server, and the option that sets it. */
export interface PortOf {
  readonly option: 'enrol-port' | 'chat-port';
  readonly port: number;
}

/** Tries to listen at a port on which no server of this data directory listens. */
export async function portFinding(host: string, { option, port }: PortOf): Promise<Finding> {
  const about = `port ${port}`;
  const code = await new Promise<string | null>((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(codeOf(error) ?? 'unknown'));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
  switch (code) {
    case null:
      return well(about, `Free on ${host}.`);
    case 'EADDRINUSE':
      return problem(about, `Another program uses it on ${host}: stop that program.`, `ss -ltnp 'sport = :${port}'`);
    case 'EACCES':
      return problem(about, 'This user may not listen on it.', `chat-server start --${option} ${port + 8_000}`);
    default:
      return problem(about, `The server cannot listen on it at ${host} (${code}).`, 'ip address show');
  }
}

/**
 * Judges the clock by the latest time that the data directory has.
 *
 * @param latest milliseconds, with what has that time
 */
export function clockFinding(now: number, latest: { readonly at: number; readonly what: string }): Finding {
  const iso = (time: number) => new Date(time).toISOString();
  if (latest.at <= now + clockToleranceMs) return well('clock', `${iso(now)}, not before what is stored.`);
  return problem(
    'clock',
    `The clock says ${iso(now)}, and ${latest.what} is of ${iso(latest.at)}: certificates that are issued now are not valid later.`,
    'timedatectl set-ntp true',
  );
}
