/** The operations of the enrolment port. The nonce of a connection is valid for one request; a refusal ends the connection. */
import { type EnrolmentOperation, ProtocolError, type RequestOf } from '@chat/protocol';
import { type AuthorityHistory, shownAuthority } from '../identity/authority-history.ts';
import type { Enrolment, EnrolmentPeer } from '../identity/enrolment.ts';
import { parseRequest, type Rule, ruleOf } from './rule.ts';

/** The state of an enrolment connection, as handlers get it. */
export interface EnrolmentCall {
  readonly enrolment: Enrolment;
  readonly history: AuthorityHistory;
  readonly peer: EnrolmentPeer;
  /** True after the first request, whatever its outcome. */
  nonceUsed: boolean;
  /** To be called when a certificate has been issued. */
  readonly proved: () => void;
}

const once = <O extends Exclude<EnrolmentOperation, 'get-authority'>>(
  op: O,
  issue: (request: RequestOf<O>, call: EnrolmentCall) => Promise<string>,
) =>
  ruleOf<EnrolmentCall>({ cost: 20, endsOnRefusal: true }, async (fields, call) => {
    if (call.nonceUsed) {
      throw new ProtocolError('not-now', 'This connection has made its request already: open another connection.');
    }
    call.nonceUsed = true;
    const request = parseRequest(op, fields);
    const certificate = await issue(request, call);
    call.proved();
    return { certificate };
  });

/** The rule of each operation of the enrolment port. */
export const enrolmentTable: Readonly<Record<EnrolmentOperation, Rule<EnrolmentCall>>> = {
  'get-authority': ruleOf<EnrolmentCall>({ cost: 1 }, (fields, { history }) => {
    parseRequest('get-authority', fields);
    return shownAuthority(history);
  }),
  enrol: once('enrol', (request, { enrolment, peer }) => enrolment.enrol(request, peer)),
  'renew-key': once('renew-key', (request, { enrolment, peer }) => enrolment.renewKey(request, peer)),
  renew: once('renew', (request, { enrolment, peer }) => enrolment.renew(request, peer)),
};
