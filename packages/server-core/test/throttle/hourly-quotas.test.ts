/** Quotas in an hour, by user and by host: enrolments, renewals, look-ups, new rooms, knocks. */
import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { EnrolmentQuotas } from '../../src/throttle/enrolment-quotas.ts';
import { HostQuotas } from '../../src/throttle/host-quotas.ts';

const hourMs = 3_600_000;
let now = 0;
const clock = () => now;
const refused = (act: () => void) => expect(thrownCode(act)).toBe('limit-reached');

describe('enrolment', () => {
  const quotas = () =>
    new EnrolmentQuotas(
      { renewalsPerHour: 2, keyRenewalsPerDay: 2, newNamesPerHostAndHour: 2, newNamesPerHour: 3 },
      clock,
    );

  test('renews so often for one user, and strangers use up nothing of it', () => {
    const enrolment = quotas();
    for (let count = 0; count < 2; count++) enrolment.countRenewal('alice');
    refused(() => enrolment.countRenewal('alice'));
    enrolment.countRenewal('bob');
    now += hourMs / 2;
    enrolment.countRenewal('alice');
  });

  test('counts each attempt of a host, also one that binds no name', () => {
    const enrolment = quotas();
    for (let count = 0; count < 2; count++) enrolment.countAttempt('10.0.0.1');
    refused(() => enrolment.countAttempt('10.0.0.1'));
    enrolment.countAttempt('10.0.0.2');
  });

  test('accepts so many new names from all hosts', () => {
    const enrolment = quotas();
    for (let count = 0; count < 3; count++) enrolment.countNewName();
    refused(() => enrolment.countAttempt('10.0.0.1'));
    now += hourMs / 3;
    enrolment.countAttempt('10.0.0.1');
  });
});

describe('a host', () => {
  const limits = { lookUpsPerHour: 2, lookUpsPerHostAndHour: 3, roomsPerHostAndHour: 2, knocksPerHostAndHour: 2 };

  test('looks up so many users, of all its users together, and each user fewer', () => {
    const hosts = new HostQuotas(limits, clock);
    for (let count = 0; count < 2; count++) hosts.countLookUp('alice', '10.0.0.1');
    refused(() => hosts.countLookUp('alice', '10.0.0.2'));
    hosts.countLookUp('bob', '10.0.0.1');
    refused(() => hosts.countLookUp('carol', '10.0.0.1'));
    hosts.countLookUp('carol', '10.0.0.2');
  });

  test('creates so many rooms and knocks so often', () => {
    const hosts = new HostQuotas(limits, clock);
    for (const count of [(host: string) => hosts.countRoom(host), (host: string) => hosts.countKnock(host)]) {
      count('10.0.0.1');
      count('10.0.0.1');
      refused(() => count('10.0.0.1'));
      count('10.0.0.2');
    }
  });
});
