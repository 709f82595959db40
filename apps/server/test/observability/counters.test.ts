/** What is counted, and that no label comes from a client. */
import { expect, test } from 'vitest';
import { Counters } from '../../src/observability/counters.ts';
import { seriesOf } from '../support/scrape.ts';

test('requests, logins, refusals, appends and fan-out are counted', async () => {
  const counters = new Counters();
  const { registry } = counters;
  counters.connected('chat');
  counters.ended('chat', 'limit-reached');
  counters.answered('login', null, 2);
  counters.answered('login', 'login-refused', 2);
  counters.answered('enrol', null, 40);
  counters.answered('unknown', 'unknown-operation', 0);
  counters.appended('message', 3);
  counters.appended('message', 30);
  counters.appendFailed();
  counters.fannedOut(2, 100, 30);
  const series = seriesOf(await registry.metrics());
  expect(Object.fromEntries(series)).toMatchObject({
    'chat_connections_accepted_total{service="chat"}': 1,
    'chat_connections_accepted_total{service="enrolment"}': 0,
    'chat_connections_ended_total{service="chat",code="limit-reached"}': 1,
    chat_logins_total: 1,
    chat_enrolments_total: 1,
    'chat_request_refusals_total{code="login-refused"}': 1,
    'chat_request_refusals_total{code="internal"}': 0,
    'chat_request_duration_seconds_count{op="login"}': 2,
    'chat_request_duration_seconds_count{op="unknown"}': 1,
    'chat_request_duration_seconds_bucket{le="0.0025",op="login"}': 2,
    'chat_request_duration_seconds_bucket{le="0.001",op="login"}': 0,
    'chat_appends_total{type="message"}': 2,
    chat_commit_duration_seconds_count: 2,
    chat_append_failures_total: 1,
    chat_fanout_pushes_total: 60,
    chat_fanout_bytes_total: 3_000,
  });
  // A second scrape counts nothing twice.
  expect(seriesOf(await registry.metrics()).get('chat_logins_total')).toBe(1);
  expect(counters.now() - counters.lastAppendFailure).toBeGreaterThanOrEqual(0);
});
