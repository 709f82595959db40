/** Carries out one attack of the table in a process of its own, until the process is ended. */
import { constants, setPriority } from 'node:os';
import type { Target } from './attack.ts';
import { attackRows } from './attacks.ts';

type Message = { readonly name: string; readonly target: Target } | { readonly id: number };

// The machine of the attacker is another one: here it takes only what the clients leave.
setPriority(constants.priority.PRIORITY_LOW);
// The end of the benchmark ends the attack too.
process.once('disconnect', () => process.exit());
let attempts = 0;
process.on('message', async (message: Message) => {
  if ('id' in message) {
    process.send?.({ id: message.id, answer: attempts });
    return;
  }
  const { name, target } = message;
  await attackRows
    .find((row) => row.name === name)
    ?.attack(target, () => {
      attempts += 1;
    });
});
