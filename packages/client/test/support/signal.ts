/** A condition that a test waits for, raised once from a callback. */
export class Signal {
  readonly raised: Promise<void>;
  readonly raise: () => void;

  constructor() {
    let raise = () => {};
    this.raised = new Promise((resolve) => {
      raise = resolve;
    });
    this.raise = raise;
  }
}
