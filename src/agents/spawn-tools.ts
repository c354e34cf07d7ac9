// The part of an agent's tools that routing needs: what a call that starts a subagent says of it, and the same call with another model.
import type { AgentId } from '../domain/ids.ts';

interface Call {
  readonly name: string;
  readonly input: unknown;
}

export interface SpawnTools {
  /** What a call that starts a subagent says of it. `model`: `null` where it says none. */
  readonly spawnDetails: (tool: Call) => {
    readonly model: string | null;
    readonly work: string | null;
    readonly isBackground: boolean;
    readonly canChangeModel: boolean;
  };
  /** The whole input of the same call with another model. */
  readonly withModel: (tool: Call, model: string) => unknown;
  /** How large a model is, by its name or alias; `null` where nobody knows. */
  readonly modelRank: (model: string) => number | null;
  /** The tool call that started a subagent, from beside its transcript; `null` when nothing says so. Never throws. */
  readonly readStartedBy: (file: {
    readonly path: string;
    readonly agentId: AgentId | null;
  }) => string | null;
}
