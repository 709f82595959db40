/** The operations of the enrolment port. A connection's nonce is good for one try: what is refused ends it. */
import { type EnrolmentOperation, ProtocolError, type RequestOf } from '@chat/protocol';
import type { Challenge, Enrolment } from '../identity/enrolment.ts';
import { parseRequest, type Rule, ruleOf } from './rule.ts';

export interface EnrolmentCall {
  readonly enrolment: Enrolment;
  readonly challenge: Challenge;
  /** Whether the nonce has been used, for a certificate or for nothing. */
  spent: boolean;
}

const once = <O extends EnrolmentOperation>(
  op: O,
  issue: (request: RequestOf<O>, call: EnrolmentCall) => Promise<string>,
) =>
  ruleOf<EnrolmentCall>({ cost: 20, decisive: true }, async (fields, call) => {
    if (call.spent) {
      throw new ProtocolError('not-now', 'This connection has had its try: open another for the next one.');
    }
    call.spent = true;
    const request = parseRequest(op, fields);
    return { certificate: await issue(request, call) };
  });

export const enrolmentTable: Readonly<Record<EnrolmentOperation, Rule<EnrolmentCall>>> = {
  enrol: once('enrol', (request, { enrolment, challenge }) => enrolment.enrol(request, challenge)),
  renew: once('renew', (request, { enrolment, challenge }) => enrolment.renew(request, challenge)),
};
