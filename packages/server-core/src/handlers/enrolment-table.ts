/** The operations of the enrolment port. The nonce of a connection is valid for one request; a refusal ends the connection. */
import { type EnrolmentOperation, ProtocolError, type RequestOf, type ResultOf } from '@chat/protocol';
import type { Recoveries } from '../domain/recovery/recoveries.ts';
import { type AuthorityHistory, shownAuthority } from '../identity/authority-history.ts';
import type { Enrolment, EnrolmentPeer } from '../identity/enrolment.ts';
import { parseRequest, type Rule, ruleOf } from './rule.ts';

/** The state of an enrolment connection, as handlers get it. */
export interface EnrolmentCall {
  readonly enrolment: Enrolment;
  readonly history: AuthorityHistory;
  readonly recoveries: Recoveries;
  readonly peer: EnrolmentPeer;
  /** True after the first request, whatever its outcome. */
  nonceUsed: boolean;
  /** To be called when the client has got what it has proved a key for. */
  readonly proved: () => void;
}

const once = <O extends Exclude<EnrolmentOperation, 'get-authority'>>(
  op: O,
  answer: (request: RequestOf<O>, call: EnrolmentCall) => Promise<ResultOf<O>>,
) =>
  ruleOf<EnrolmentCall>({ cost: 20, endsOnRefusal: true }, async (fields, call) => {
    if (call.nonceUsed) {
      throw new ProtocolError('not-now', 'This connection has made its request already: open another connection.');
    }
    call.nonceUsed = true;
    const request = parseRequest(op, fields);
    const result = await answer(request, call);
    call.proved();
    return result;
  });

const certified = async (certificate: Promise<string>) => ({ certificate: await certificate });

/** The rule of each operation of the enrolment port. */
export const enrolmentTable: Readonly<Record<EnrolmentOperation, Rule<EnrolmentCall>>> = {
  'get-authority': ruleOf<EnrolmentCall>({ cost: 1 }, (fields, { history }) => {
    parseRequest('get-authority', fields);
    return shownAuthority(history);
  }),
  enrol: once('enrol', (request, { enrolment, peer }) => certified(enrolment.enrol(request, peer))),
  'renew-key': once('renew-key', (request, { enrolment, peer }) => certified(enrolment.renewKey(request, peer))),
  renew: once('renew', (request, { enrolment, peer }) => certified(enrolment.renew(request, peer))),
  'open-recovery': once('open-recovery', (request, { recoveries, peer }) => recoveries.open(request, peer)),
};
