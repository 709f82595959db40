/** The settings in force as `chat-server config` shows them, of a running server and of one that does not run. */
import { z } from 'zod';
import { type Configuration, origins, type Reloaded } from './configuration.ts';

/** A setting as it is shown. */
export const reportedSetting = z.strictObject({
  name: z.string(),
  /** As an option would have it; null when there is no value. */
  value: z.string().nullable(),
  from: z.enum(origins),
  /** The option, the variable, or file and line; null for a default. */
  where: z.string().nullable(),
});
/** A setting as it is shown. */
export type ReportedSetting = z.infer<typeof reportedSetting>;

const change = z.strictObject({ name: z.string(), before: z.string().nullable(), after: z.string().nullable() });
/** What a reload has done. */
export const reloaded = z.strictObject({
  file: z.string().nullable(),
  changed: z.array(change).readonly(),
  restart: z.array(change).readonly(),
}) satisfies z.ZodType<Reloaded>;

/** Returns the settings of a configuration as they are shown. */
export const reportedSettings = (configuration: Configuration): ReportedSetting[] =>
  [...configuration].map(([name, { text, from, where }]) => ({ name, value: text, from, where }));
