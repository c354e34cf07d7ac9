// How what files say about alerts becomes one. Rule: a repository says nothing about them, or it could send what people spend to a place of its
// own, or keep them from being told; of two files that may, the outer one stands and the inner one adds.
import type { AlertSettings } from './config.ts';
import type { Finding, Layer } from './layer.ts';

/** What holds where no file says anything. */
export const DEFAULT_ALERTS: AlertSettings = {
  thresholds: [0.5, 0.8, 1],
  runOutMs: 15 * 60_000,
  burnNanoUsdPerHour: null,
  paceRatio: null,
  spikeRatio: null,
  quietHours: null,
  channels: [],
};

/** How each setting is written in a file. */
const WRITTEN_AS: { readonly [K in Exclude<keyof AlertSettings, 'channels'>]: string } = {
  thresholds: 'thresholds',
  runOutMs: 'runOut',
  burnNanoUsdPerHour: 'burnRate',
  paceRatio: 'pace',
  spikeRatio: 'spike',
  quietHours: 'quietHours',
};

/** Takes over what a file says, or refuses it. `origins` gains the path of each value that it set. */
export function mergeAlerts(
  outer: AlertSettings,
  layer: Layer,
  origins: Record<string, string>,
): { readonly alerts: AlertSettings; readonly findings: readonly Finding[] } {
  const { file, kind, settings } = layer;
  const said = settings.alerts;
  if (said === undefined) return { alerts: outer, findings: [] };
  if (kind !== 'managed' && kind !== 'user') {
    return { alerts: outer, findings: [refusedByPlace(file)] };
  }
  const findings: Finding[] = [];
  const keep = (name: string): boolean => {
    const path = `alerts.${name}`;
    const setBy = origins[path];
    if (setBy === undefined) origins[path] = file;
    else findings.push(refusedByOuter(file, name.split('.'), setBy));
    return setBy === undefined;
  };
  const own = Object.entries(WRITTEN_AS).flatMap(([key, name]) => {
    const value = said[key as keyof AlertSettings];
    return value !== undefined && keep(name) ? [[key, value]] : [];
  });
  const channels = (said.channels ?? []).filter(({ name }) => keep(`channels.${name}`));
  return {
    alerts: {
      ...outer,
      ...(Object.fromEntries(own) as Partial<AlertSettings>),
      channels: [...outer.channels, ...channels],
    },
    findings,
  };
}

const refusedByPlace = (file: string): Finding => ({
  ...{ file, segments: ['alerts'], kind: 'refused' },
  message: "Alerts are not configured in a repository's file.",
  hint: 'Put "alerts" into your own file, ~/.config/tollgate/config.json.',
});

const refusedByOuter = (file: string, path: readonly string[], setBy: string): Finding => ({
  ...{ file, segments: ['alerts', ...path], kind: 'refused' },
  message: `"${path.at(-1)}" stays as it is set in ${setBy}.`,
  hint: `Give it another name, or change ${setBy}.`,
});
