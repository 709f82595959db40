/** A listener on the loopback interface that takes each connection without a login, and ends it at once. */
import { ClientCertificates } from '../../src/identity/certificate-names.ts';
import { defaultLimits } from '../../src/limits/limits.ts';
import { noMetrics } from '../../src/ports/metrics.ts';
import { HandshakeTurns } from '../../src/tls/handshake-turns.ts';
import { type Arrival, Listener, type ListenerOptions } from '../../src/tls/listener.ts';
import { authority } from './test-server.ts';

const nothing = (): void => {};

/** Starts one that shows the CA's own certificate. `arrived` is called with each connection. */
export async function testListener(arrived: (arrival: Arrival) => void, changes: Partial<ListenerOptions> = {}) {
  const listener = new Listener({
    service: 'chat',
    tls: {
      key: authority.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      cert: authority.certificate,
      ca: authority.certificate,
    },
    requiresCertificate: false,
    certificates: new ClientCertificates(),
    isRevoked: () => false,
    bounds: () => ({ maxUnproven: 9, maxUnprovenPerHost: 9, maxSockets: 9 }),
    turns: new HandshakeTurns(),
    limits: defaultLimits,
    clock: Date.now,
    accept(arrival) {
      arrived(arrival);
      arrival.socket.end();
      return { endAsFull: nothing };
    },
    log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
    metrics: noMetrics,
    ...changes,
  });
  const { port } = await listener.listen({ host: '127.0.0.1', port: 0 });
  return { listener, port };
}
