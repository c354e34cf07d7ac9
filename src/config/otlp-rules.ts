// How what files say about the collector of metrics becomes one. Rule: a repository says nothing about it, or it could send what people spend to a
// place of its own; of two files that may, the outer one stands.
import type { OtlpSettings } from './config.ts';
import type { Finding, Layer } from './layer.ts';

/** Takes over what a file says, or refuses it. `origins` gains `otlp` where it is set. */
export function mergeOtlp(
  outer: OtlpSettings | null,
  { file, kind, settings: { otlp } }: Layer,
  origins: Record<string, string>,
): { readonly otlp: OtlpSettings | null; readonly findings: readonly Finding[] } {
  if (otlp === undefined) return { otlp: outer, findings: [] };
  const refused = (message: string, hint: string) => {
    const finding: Finding = { file, segments: ['otlp'], kind: 'refused', message, hint };
    return { otlp: outer, findings: [finding] };
  };
  if (kind !== 'managed' && kind !== 'user') {
    return refused(
      '"otlp" is not configured in a repository\'s file.',
      'Put "otlp" into your own file, ~/.config/tollgate/config.json.',
    );
  }
  if (outer !== null) {
    return refused(`"otlp" stays as it is set in ${origins.otlp}.`, `Change ${origins.otlp}.`);
  }
  origins.otlp = file;
  return { otlp, findings: [] };
}
