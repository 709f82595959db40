/** The parts of npm's `fernet` that are measured; it has no types of its own. */
declare module 'fernet' {
  class Secret {
    constructor(key: string);
  }
  class Token {
    constructor(options: { secret: Secret; token?: string; ttl?: number });
    encode(message: string): string;
    decode(): string;
  }
  const fernet: { Secret: typeof Secret; Token: typeof Token };
  export default fernet;
}
