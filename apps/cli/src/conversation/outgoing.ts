/** What was typed and is not on the server's log yet: says so when it takes long, and gives the text back when it fails. */
import type { Scheduler } from '@chat/client';
import type { Client } from '../client-surface.ts';
import { codeOf } from '../command-error.ts';
import { isDeserted } from '../room-policy.ts';
import { returnText } from '../screen/present.ts';
import { sanitiseLine } from '../screen/sanitise.ts';
import { titleOf } from '../screen/title.ts';
import { sentenceFor } from '../sentences.ts';

/** How long a message may be under way before a person is told that it waits, in milliseconds. */
const patience = 1_000;

export interface Outlet {
  readonly client: Pick<Client, 'send' | 'online' | 'room'>;
  readonly clock: Scheduler;
  quiet(text: string): void;
  alarm(text: string): void;
}

export class Outgoing {
  readonly #outlet: Outlet;
  readonly #underWay = new Set<Promise<void>>();

  constructor(outlet: Outlet) {
    this.#outlet = outlet;
  }

  get count(): number {
    return this.#underWay.size;
  }

  /** Hands a message to the client. It is shown when it comes back on the room's log, not here. */
  send(room: string, text: string): void {
    const { clock, client } = this.#outlet;
    const view = client.room(room);
    if (view !== null && isDeserted(view)) {
      this.#giveBack('The other one has left this conversation: /msg and their name invites them again.', text);
      return;
    }
    const delivery = client.send(room, text);
    const cancel = clock.after(client.online ? patience : 0, () => {
      const hindrance = this.#hindrance(room);
      const why = hindrance === null ? '' : `, ${hindrance}`;
      this.#outlet.quiet(`(waiting: not sent yet${why}) ${sanitiseLine(text, 60)}`);
    });
    const settled = delivery
      .then(cancel, (error: unknown) => {
        cancel();
        this.#failed(error, view === null ? room : titleOf(view), text);
      })
      .finally(() => this.#underWay.delete(settled));
    this.#underWay.add(settled);
  }

  /** Resolves when nothing is under way any more. Never rejects. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  #hindrance(room: string): string | null {
    const { client } = this.#outlet;
    if (!client.online) return 'there is no connection';
    const view = client.room(room);
    if (view === null) return null;
    if (view.rekeying) return 'the room is changing its key';
    return view.hasKey ? null : 'the room key is not here yet';
  }

  #failed(error: unknown, room: string, text: string): void {
    // Closing keeps it in the outbox: it is not lost, and it is sent after the next start.
    if (codeOf(error) === 'closed') return;
    this.#giveBack(sentenceFor(error, { room }), text);
  }

  #giveBack(sentence: string, text: string): void {
    this.#outlet.alarm(`${sentence} Your text was:`);
    this.#outlet.quiet(returnText(text));
  }
}
