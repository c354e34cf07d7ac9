// A server of the Model Context Protocol that answers every call with nothing: what asking costs the client by itself.
import { createInterface } from 'node:readline';

const results = {
  initialize: {
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: { name: 'tollgate', version: '0' },
  },
  ping: {},
  'tools/list': { tools: [] },
  'tools/call': { content: [{ type: 'text', text: '' }] },
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  if (id === undefined) return;
  const result = results[method];
  const answer = result ? { result } : { error: { code: -32601, message: `no method ${method}` } };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...answer })}\n`);
});
