// cmd.exe: `del`, `rmdir /s`, `copy`, `move`. Its commands have the names of PowerShell's aliases; its options begin with a slash.
import { readPowershell } from './powershell.ts';
import type { ReadShell } from './shell.ts';

export const readCmd: ReadShell = (text, context) =>
  readPowershell(text.replace(/(^|\s)\/[a-z](:\S*)?(?=\s|$)/gi, '$1').replaceAll('^', ''), context);
