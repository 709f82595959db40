/** Fills in the settings that follow from others, for people who look at the settings in force. */
import type { Configuration } from './configuration.ts';
import type { Settings } from './settings.ts';

/** Returns the configuration with the values that a server uses where it has none, or cannot have the one that is wanted. */
export function withDerived(configuration: Configuration, { policy, publicHost, limits }: Settings): Configuration {
  const all = new Map(configuration);
  const fill = (name: string, text: string): void => {
    const setting = all.get(name);
    if (setting?.text === null) all.set(name, { ...setting, text, value: text });
  };
  fill('policy', policy);
  fill('public-host', publicHost);
  const { connections } = limits;
  const wanted = all.get('connections');
  if (wanted !== undefined && wanted.value !== connections) {
    const where = `${wanted.where === null ? '' : `${wanted.where}, but `}the limit of open files allows no more`;
    all.set('connections', { ...wanted, text: String(connections), value: connections, where });
  }
  return all;
}
