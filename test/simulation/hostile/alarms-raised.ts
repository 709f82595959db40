/** Whether somebody was told that something is wrong. */
import type { ClientEvent } from '@chat/client';
import { isAlarm, usual } from '../checks/alarms.ts';
import type { SimulatedPerson } from '../simulated/simulated-person.ts';

export const raisesAlarm = (event: ClientEvent): boolean =>
  isAlarm(event) ||
  (event.kind === 'connection' && event.status === 'offline' && event.reason.includes('not of this protocol'));

export const wasAlarmed = (person: SimulatedPerson): boolean =>
  person.events.some(raisesAlarm) ||
  person.refusals.some(({ code }) => !usual.has(code)) ||
  person.said.some(({ refused }) => refused !== null && !usual.has(refused));
