/** One run with a dishonest server. */
import { LogView } from '../../../packages/server-core/src/domain/entry-rules/log-view.ts';
import { play } from '../run/schedule.ts';
import { World } from '../run/world.ts';
import { type Attack, beginAttack } from './attack.ts';
import { type HostileResult, hostileResult } from './hostile-checks.ts';

const steps = 200;
const settleMs = 40_000;

/** Each user sends a message in each room. Then each client that can detect the attack has read an entry that shows it. */
function speak(world: World, round: number): void {
  for (const person of world.people) {
    for (const { roomName: name } of person.client?.rooms() ?? [])
      person.say(name, `${person.user} says the secret of round ${round} in ${name}`);
  }
}

export const hostileRun = (seed: number) => withoutViewCheck(() => run(seed));

/** Turns off the server's check of author views, so that it appends entries that were made for another log. */
async function withoutViewCheck<T>(work: () => Promise<T>): Promise<T> {
  const { require } = LogView.prototype;
  LogView.prototype.require = () => {};
  try {
    return await work();
  } finally {
    LogView.prototype.require = require;
  }
}

async function run(seed: number): Promise<HostileResult & { readonly trace: string }> {
  const world = new World(seed);
  const begins = world.random.between(20, steps / 2);
  const relents = world.random.between(begins, steps);
  let attack: Attack | null = null;
  await play(world, steps, {
    before(step) {
      if (step >= begins) attack ??= beginAttack(world);
      if (step === relents) attack?.relent?.();
    },
  });
  const begun = attack as Attack | null;
  begun?.relent?.();
  world.heal();
  await world.time.pass(settleMs);
  for (const round of [1, 2]) {
    speak(world, round);
    await world.time.pass(settleMs / 2);
  }
  const result = hostileResult(world, begun);
  world.end();
  return { ...result, trace: world.traceHash() };
}
