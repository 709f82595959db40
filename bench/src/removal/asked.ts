/** Processes of this benchmark that carry out orders. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { HubFigures, HubOrder } from './hub-run.ts';
import type { MembersFigures, MembersOrder, MembersStart } from './members-run.ts';

/** A process that carries out one order after another. */
export interface Asked<Order, Figures> {
  /** Resolves when the order has been carried out. */
  ask(order: Order): Promise<Figures | null>;
  end(): Promise<void>;
}

async function start<Order extends object, Figures>(script: string, first: object): Promise<Asked<Order, Figures>> {
  const child: ChildProcess = fork(join(import.meta.dirname, script));
  const exited = once(child, 'exit');
  const failed = exited.then(() => {
    throw new Error(`The process of ${script} has ended.`);
  });
  failed.catch(() => undefined);
  const ask = async (order: object): Promise<Figures | null> => {
    child.send(order);
    const [{ figures }] = (await Promise.race([once(child, 'message'), failed])) as [{ figures: Figures | null }];
    return figures;
  };
  await ask(first);
  return {
    ask,
    async end() {
      child.disconnect();
      await exited;
    },
  };
}

/** Starts the client of the hub with the profile in `home`. */
export const startHub = (home: string): Promise<Asked<HubOrder, HubFigures>> => start('hub-run.ts', { home });

/** Starts some members. */
export const startMembers = (members: MembersStart): Promise<Asked<MembersOrder, MembersFigures>> =>
  start('members-run.ts', members);
