/** Whether a client has reported that something is wrong. */
import type { ClientEvent } from '@chat/client';
import { isAlarm, usual } from '../checks/alarms.ts';
import type { SimulatedUser } from '../simulated/simulated-user.ts';

export const raisesAlarm = (event: ClientEvent): boolean =>
  isAlarm(event) ||
  (event.kind === 'connection' && event.status === 'offline' && event.reason.includes('not of this protocol'));

export const wasAlarmed = (person: SimulatedUser): boolean =>
  person.events.some(raisesAlarm) ||
  person.refusals.some(({ code }) => !usual.has(code)) ||
  person.said.some(({ refused }) => refused !== null && !usual.has(refused));
