/** Puts servers on one processor core and everything else on others, and reads what a process has used. */
import { type ChildProcess, execFileSync, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** The last core. It is read before this process is bound to one, because `availableParallelism` counts only those then. */
const lastCore = availableParallelism() - 1;

/** The cores of the servers, which `CHAT_BENCH_SERVER_CPUS` can name (`0-1`), and that of a load generator. */
export const cores = { server: process.env['CHAT_BENCH_SERVER_CPUS'] ?? '0', generator: '1' } as const;

/** True if processes can be bound to cores of their own: on Linux with `taskset`. */
export const isPinned = lastCore > 0 && spawnSync('taskset', ['--version']).status === 0;

/** Starts a program on a core. */
export function spawnOn(
  core: string,
  [program, ...args]: readonly [string, ...string[]],
  options: SpawnOptions,
): ChildProcess {
  return isPinned ? spawn('taskset', ['--cpu-list', core, program, ...args], options) : spawn(program, args, options);
}

/**
 * Gives a server that runs the first core, and this process and the children that it starts later the others, as if they were
 * other machines. Does nothing where `isPinned` is false.
 */
export function leaveCoreTo(serverPid: number): void {
  if (!isPinned) return;
  const pin = (pid: number, list: string): void => {
    execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', list, `${pid}`], { stdio: 'ignore' });
  };
  pin(serverPid, cores.server);
  pin(process.pid, `${cores.generator}-${lastCore}`);
}

/** Lets a process and its children run only when a core of theirs has nothing else to do. Does nothing where `isPinned` is false. */
export function yieldToOthers(pid: number): void {
  if (isPinned) execFileSync('chrt', ['--all-tasks', '--idle', '--pid', '0', `${pid}`]);
}

/** Ticks of a second in `/proc`: Linux has the same value on every machine. */
const ticksPerSecond = 100;

/** Returns the processor time that a process and its threads have used, in ms. */
export function cpuMs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond;
}

/** Returns the memory of a process that is in RAM, in kB of 1,000 bytes. */
export function residentKb(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return (Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]) * 1_024) / 1_000;
}
