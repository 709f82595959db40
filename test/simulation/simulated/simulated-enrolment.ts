/** One connection to the enrolment port, in memory: a challenge, then requests, like `EnrolmentSession` without TLS and timers. */
import { protocolVersion } from '@chat/protocol';
import { type EnrolmentCall, enrolmentTable } from '../../../packages/server-core/src/handlers/enrolment-table.ts';
import type { Challenge, Enrolment } from '../../../packages/server-core/src/identity/enrolment.ts';
import { RequestLoop } from '../../../packages/server-core/src/session/request-loop.ts';
import { type FrameListener, FrameSocket } from '../../../packages/server-core/src/wire/frame-socket.ts';
import type { Memory } from './simulated-session.ts';
import type { SimulatedSocket } from './simulated-socket.ts';

/** The certificates of a simulation: the user's fingerprint stands for one. */
export const simulatedCertificates = {
  checkRequest: ({ user, fingerprint }: { readonly user: string; readonly fingerprint: string }) =>
    ({ user, prepared: fingerprint }) as never,
  issueClient: async ({ prepared }: { readonly prepared: unknown }) => String(prepared),
};

export class SimulatedEnrolment implements FrameListener {
  readonly #log: Memory['log'];
  readonly #loop: RequestLoop<EnrolmentCall>;
  readonly #rate: ReturnType<Memory['rates']['start']>;

  constructor(duplex: SimulatedSocket, enrolment: Enrolment, challenge: Challenge, memory: Memory) {
    const { limits, log, clock, rates, services } = memory;
    const socket = new FrameSocket(duplex, { limits }, this);
    this.#log = log;
    this.#rate = rates.start();
    this.#loop = new RequestLoop<EnrolmentCall>({
      ...{ socket, log, rate: this.#rate, table: enrolmentTable, limits },
      call: {
        ...{
          enrolment,
          history: services.history,
          recoveries: services.recoveries,
          nonceUsed: false,
          proved: () => {},
        },
        peer: { ...challenge, host: 'somewhere' },
      },
      logFields: () => ({ service: 'enrolment' }),
    });
    const { nonce } = challenge;
    const welcome = { push: 'welcome', version: protocolVersion, service: 'enrolment', nonce, time: clock() } as const;
    socket.send({ ...welcome, policy: enrolment.policy, chatPort: 1 });
  }

  received(bytes: number): void {
    this.#rate.received(bytes);
  }

  frame(frame: Record<string, unknown>): void {
    this.#loop.push(frame);
  }

  failed(error: unknown): void {
    this.#log.error({ error }, 'frame could not be taken');
  }

  leaving(): void {
    this.#loop.stop();
  }

  closed(): void {
    this.#loop.stop();
  }
}
