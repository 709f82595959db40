/** The TLS ports of a server: what they share, and what is done to all of them. */
import type { SecureContextOptions } from 'node:tls';
import { ClientCertificates } from '../identity/certificate-names.ts';
import { HandshakeTurns } from './handshake-turns.ts';
import { Listener, type ListenerOptions } from './listener.ts';

/** What all ports have in common. */
export type SharedOptions = Pick<ListenerOptions, 'isRevoked' | 'limits' | 'clock' | 'log' | 'metrics'>;

/** The ports, which begin to listen one by one. */
export class Listeners {
  readonly #shared: SharedOptions & Pick<ListenerOptions, 'turns' | 'certificates'>;
  readonly #listeners: Listener[] = [];
  #tls: SecureContextOptions = {};

  constructor(shared: SharedOptions) {
    this.#shared = { ...shared, turns: new HandshakeTurns(), certificates: new ClientCertificates() };
  }

  /** Adds a port. It does not listen yet. */
  add(options: Omit<ListenerOptions, 'tls' | keyof SharedOptions | 'turns' | 'certificates'>): Listener {
    const listener = new Listener({ ...options, ...this.#shared, tls: this.#tls });
    this.#listeners.push(listener);
    return listener;
  }

  /** True while all ports accept connections. */
  get listening(): boolean {
    return this.#listeners.length > 0 && this.#listeners.every(({ listening }) => listening);
  }

  /** Uses this context for new connections. Open connections keep theirs. */
  renew(context: SecureContextOptions): void {
    this.#tls = context;
    for (const listener of this.#listeners) listener.renew(context);
  }

  /** To be called when the limits have changed. */
  limitsChanged(): void {
    for (const listener of this.#listeners) listener.limitsChanged();
  }

  /** Accepts no more connections. */
  refuse(): void {
    for (const listener of this.#listeners) listener.refuse();
  }

  /** Closes all ports and their connections. */
  async close(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }
}
