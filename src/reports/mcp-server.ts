// Cost per MCP server whose tools were asked for.
import { labelReport } from './label-report.ts';

export const mcpServerReport = labelReport('mcpServer', 'mcp', 'MCP server', [
  'mcpserver',
  'mcp-server',
]);
