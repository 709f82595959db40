/** One run with a server that cheats. */
import { LogView } from '../../../packages/server-core/src/domain/entry-rules/log-view.ts';
import { play } from '../run/schedule.ts';
import { World } from '../run/world.ts';
import { type Attack, beginAttack } from './attack.ts';
import { type HostileResult, hostileResult } from './hostile-checks.ts';

const steps = 200;
const settlesWithin = 40_000;

/** Everybody says something wherever they are: the first message that reaches somebody who can tell. */
function speak(world: World, round: number): void {
  for (const person of world.people) {
    for (const { roomName: name } of person.client?.rooms() ?? [])
      person.say(name, `${person.user} says the secret of round ${round} in ${name}`);
  }
}

export const hostileRun = (seed: number) => believingAll(() => run(seed));

/** With a server that puts on its log what was made for another: an honest one refuses what its author says to have seen. */
async function believingAll<T>(work: () => Promise<T>): Promise<T> {
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
  await play(world, steps, (step) => {
    if (step >= begins) attack ??= beginAttack(world);
    if (step === relents) attack?.relent?.();
  });
  const begun = attack as Attack | null;
  begun?.relent?.();
  world.heal();
  await world.time.pass(settlesWithin);
  for (const round of [1, 2]) {
    speak(world, round);
    await world.time.pass(settlesWithin / 2);
  }
  const result = hostileResult(world, begun);
  world.end();
  return { ...result, trace: world.traceHash() };
}
