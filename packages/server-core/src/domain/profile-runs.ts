/** The latest run of each user's client, by which a second copy of a profile is found. */
import type { ProfileRun, UserName } from '@chat/protocol';
import { usedElsewhereError } from '../identity/registered-user.ts';
import type { Directory } from '../ports/directory.ts';

/** The runs of all clients. */
export class ProfileRuns {
  readonly #directory: Pick<Directory, 'enterRun'>;
  readonly #clock: () => number;

  /** @param clock returns milliseconds */
  constructor(directory: Pick<Directory, 'enterRun'>, clock: () => number) {
    this.#directory = directory;
    this.#clock = clock;
  }

  /**
   * Makes this the latest run of the user's client, durably.
   *
   * @throws ProtocolError `used-elsewhere`
   */
  async enter(user: UserName, run: ProfileRun): Promise<void> {
    const since = await this.#directory.enterRun(user, run, this.#clock());
    if (since !== null) throw usedElsewhereError(since);
  }
}
