// The shell languages that commands may be given in.
import type { ToolCommand } from '../../agents/agent.ts';
import { readBash } from './bash.ts';
import { readCmd } from './cmd.ts';
import { readPowershell } from './powershell.ts';
import type { ReadShell } from './shell.ts';

export type ShellName = ToolCommand['shell'];

export const SHELLS: Readonly<Record<ShellName, ReadShell>> = {
  bash: readBash,
  powershell: readPowershell,
  cmd: readCmd,
};
