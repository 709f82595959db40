/**
 * When the client has last found that the server lacks what it had, as after a restore from a backup. The client reports each such loss.
 * For a while the loss explains why the server shows earlier prekeys than this client has seen: the server lacks the later ones until
 * their owners log in.
 *
 * A loss makes no prekey acceptable. It decides whether the client reports a refusal as a violation, and a server could pretend one to
 * avoid that. So a loss explains nothing that was seen after it, and nothing after 30 days.
 */
import type { UserName } from '@chat/protocol';
import type { ClientContext, KnownLoss } from '../context.ts';

/** For how long a loss explains what the server lacks. After this time members have nothing to give back any more, either. */
const explainedMs = 30 * 24 * 60 * 60 * 1000;

/** The latest loss of data that the client has found. */
export class ServerLoss implements KnownLoss {
  readonly #owner: Pick<ClientContext, 'scheduler' | 'saveSoon'>;
  #foundAt: number | undefined;
  /** When a user's earlier prekey was last reported. */
  readonly #reportedAt = new Map<UserName, number>();

  /** @param foundAt what is stored */
  constructor(owner: Pick<ClientContext, 'scheduler' | 'saveSoon'>, foundAt: number | undefined) {
    this.#owner = owner;
    this.#foundAt = foundAt;
  }

  /** What is stored: the time of the latest loss, by this machine's clock. */
  get stored(): number | undefined {
    return this.#foundAt;
  }

  found(): void {
    this.#foundAt = this.#owner.scheduler.now();
    this.#owner.saveSoon();
  }

  explains(seenAt: number | undefined): boolean {
    if (this.#foundAt === undefined) return false;
    const age = this.#owner.scheduler.now() - this.#foundAt;
    // A clock that was set back explains nothing.
    return age >= 0 && age < explainedMs && (seenAt ?? 0) <= this.#foundAt;
  }

  noteReport(user: UserName): boolean {
    const reportedAt = this.#reportedAt.get(user);
    this.#reportedAt.set(user, this.#owner.scheduler.now());
    return reportedAt === undefined || (this.#foundAt !== undefined && reportedAt < this.#foundAt);
  }
}
