/**
 * The runs of a profile, by which its server finds a second copy of it. Two copies that write at the same time would look like an
 * attack to all other members.
 */
import { limits, type ProfileRun } from '@chat/protocol';

/** This run of a profile, and the earlier ones. */
export class ProfileRuns {
  /** The latest first. */
  readonly #ids: readonly string[];
  readonly #save: () => Promise<void>;
  #saved = false;
  #replaceOthers = false;

  /**
   * @param id of this run
   * @param earlier the stored ids
   * @param save stores the state, with this run
   */
  constructor(id: string, earlier: readonly string[], save: () => Promise<void>) {
    this.#ids = [id, ...earlier].slice(0, limits.earlierRuns + 1);
    this.#save = save;
  }

  /** What is stored. */
  get ids(): readonly string[] {
    return this.#ids;
  }

  /** Ends the other copy of this profile at the next login. To be called when the user has decided so. */
  replaceOthers(): void {
    this.#replaceOthers = true;
  }

  /** To be called after a login. The decision of the user has taken effect. */
  accepted(): void {
    this.#replaceOthers = false;
  }

  /**
   * Returns the run that the next login names. A run that cannot be stored must not be named, because after the next start it
   * would look like a copy: then this is the latest stored run, or undefined if there is none.
   */
  async forLogin(): Promise<ProfileRun | undefined> {
    if (!this.#saved) {
      this.#saved = await this.#save().then(
        () => true,
        () => false,
      );
    }
    const [id, ...earlier] = this.#saved ? this.#ids : this.#ids.slice(1);
    return id === undefined ? undefined : { id, earlier, replaceOthers: this.#replaceOthers };
  }
}
