/**
 * When the server was found to lack what it has had, as after a restore from a backup. It is reported each time. For a while it
 * explains why the server shows earlier prekeys than this client has seen: it has lost the later ones, until their owners log in.
 *
 * It makes no prekey acceptable. What it changes is whether a refusal is reported as a violation, and a server could bring that about
 * by a pretended loss. So it explains nothing that was seen after the loss, and ends.
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

  isNews(user: UserName): boolean {
    const reportedAt = this.#reportedAt.get(user);
    this.#reportedAt.set(user, this.#owner.scheduler.now());
    return reportedAt === undefined || (this.#foundAt !== undefined && reportedAt < this.#foundAt);
  }
}
