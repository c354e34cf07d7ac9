// Models of subagents: what a call asks for, and how the families stand to each other. Source: client 2.1.330, seen 2026-11-28: the input takes
// `sonnet`, `opus`, `haiku` and `fable`; a fork keeps its parent's; the background is the default.
import type { ToolCall } from '../../agent.ts';
import type { SpawnTools } from '../../spawn-tools.ts';
import { fieldsOf } from '../fields.ts';

/** The smallest first. */
const FAMILIES = ['haiku', 'sonnet', 'opus', 'fable'];

/** Tools whose input names a model. */
const NAMES_MODEL: ReadonlySet<string> = new Set(['Agent', 'Task']);

export const modelRank: SpawnTools['modelRank'] = (model) => {
  const rank = FAMILIES.findIndex((family) => model.toLowerCase().includes(family));
  return rank === -1 ? null : rank;
};

export const spawnDetails: SpawnTools['spawnDetails'] = ({ name, input }) => {
  const {
    model,
    description,
    run_in_background: background,
    subagent_type: kind,
  } = fieldsOf(input);
  return {
    model: typeof model === 'string' ? model : null,
    work: typeof description === 'string' ? description : null,
    isBackground: background !== false,
    canChangeModel: NAMES_MODEL.has(name) && kind !== 'fork',
  };
};

export const withModel = ({ input }: ToolCall, model: string): unknown => ({
  ...fieldsOf(input),
  model,
});
