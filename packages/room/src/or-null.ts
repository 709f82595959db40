/** Turns errors about invalid input into `null`. */

/** Runs `attempt` and returns null when its input was invalid. Any other error is a defect and is thrown. */
export function orNull<T>(isInvalidInput: (error: unknown) => boolean, attempt: () => T): T | null {
  try {
    return attempt();
  } catch (error) {
    if (isInvalidInput(error)) return null;
    throw error;
  }
}
