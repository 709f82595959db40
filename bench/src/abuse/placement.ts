/** Divides the machine's processors: the server has one, everything else shares the others, as if it were other machines. */
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

const pin = (pid: number, processors: string): void => {
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', processors, `${pid}`], { stdio: 'ignore' });
};

/**
 * Gives the server the first processor, and this process and the children that it starts later the others.
 *
 * @returns what was done, as a sentence for the results
 */
export function dividedProcessors(serverPid: number): string {
  const count = availableParallelism();
  if (count < 2) return 'Server, clients and attacker share one processor.';
  try {
    pin(serverPid, '0');
    pin(process.pid, `1-${count - 1}`);
    return `The server has one processor for itself; clients and attacker share ${count - 1}, the attacker at the lowest priority.`;
  } catch {
    return `Without taskset, server, clients and attacker share ${count} processors, the attacker at the lowest priority.`;
  }
}
