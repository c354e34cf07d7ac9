// What people add to the client: a skill of the repository, a plugin with a skill and an agent, and an MCP server. As
// small as they can be, and real: the client loads and runs them.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Sandbox } from './sandbox.ts';

/** Writes the skill `polish`, the plugin `tools` (skill `sweep`, agent `reviewer`) and the MCP server `box` (tool `put`). */
export async function writeExtensions(
  sandbox: Sandbox,
): Promise<{ readonly extraArgs: readonly string[] }> {
  const plugin = join(sandbox.root, 'tools');
  const server = join(sandbox.root, 'box.mjs');
  const skill = (name: string) => `---\nname: ${name}\ndescription: To ${name}\n---\nDo ${name}.\n`;
  const manifest = { name: 'tools', version: '1.0.0', description: 'd', author: { name: 'Dana' } };
  const files = {
    [join(sandbox.repo, '.claude', 'skills', 'polish', 'SKILL.md')]: skill('polish'),
    [join(plugin, '.claude-plugin', 'plugin.json')]: JSON.stringify(manifest),
    [join(plugin, 'skills', 'sweep', 'SKILL.md')]: skill('sweep'),
    [join(plugin, 'agents', 'reviewer.md')]: skill('reviewer'),
    [server]: SERVER,
  };
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  const box = { command: process.execPath, args: [server] };
  return {
    extraArgs: ['--plugin-dir', plugin, '--mcp-config', JSON.stringify({ mcpServers: { box } })],
  };
}

const SERVER = `import { createInterface } from 'node:readline';
const answers = {
  initialize: { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'box', version: '1' } },
  'tools/list': { tools: [{ name: 'put', description: 'Puts', inputSchema: { type: 'object', properties: {} } }] },
  'tools/call': { content: [{ type: 'text', text: 'put' }] },
};
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  if (id === undefined) return;
  const result = answers[method];
  const rest = result ? { result } : { error: { code: -32601, message: method } };
  process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, ...rest }) + '\\n');
});
`;
