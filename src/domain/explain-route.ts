// The wording of what routing does with a subagent.
import { formatUsd, type NanoUsd } from './money.ts';

/** A subagent, by what others like it have cost. */
export interface RoutedSpawn {
  readonly tool: string;
  readonly agentType: string;
  readonly rule: string;
  readonly askedModel: string;
  readonly expectedNanoUsd: NanoUsd;
  readonly action: { readonly kind: string; readonly model?: string };
}

/** For the person: which model it runs on now, or what they are asked. */
export function routeText({
  agentType,
  rule,
  askedModel,
  expectedNanoUsd,
  action,
}: RoutedSpawn): string {
  const price = priceText(expectedNanoUsd);
  return action.kind === 'model'
    ? `Tollgate: ${agentType} runs on ${action.model} instead of ${askedModel || 'its own model'} (routing rule ${rule})${price}`
    : `Tollgate: start ${agentType}? (routing rule ${rule})${price}`;
}

/** Why one is refused. */
export const spawnRefusedText = ({
  tool,
  agentType,
  rule,
  expectedNanoUsd,
}: Omit<RoutedSpawn, 'askedModel' | 'action'>): string =>
  `Tollgate refused ${tool} (${agentType}): routing rule ${rule}${priceText(expectedNanoUsd)} Do the work without it, or change routing in the configuration.`;

const priceText = (expectedNanoUsd: NanoUsd): string =>
  expectedNanoUsd > 0
    ? `; at the model asked for it is expected to cost ${formatUsd(expectedNanoUsd)}.`
    : '.';
