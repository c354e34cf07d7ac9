// Whether Tollgate can run on this Node.
import type { Check } from './check.ts';

/** Node 20 has ended on 2026-04-30. Source: nodejs.org/en/about/previous-releases, 2026-11-28. */
const OLDEST_MAINTAINED = 22;

export const node: Check = {
  name: 'node',
  run: ({ nodeVersion }) => {
    const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
    const values = { version: nodeVersion };
    const isSupported = major === 20 ? minor >= 19 : major === 22 ? minor >= 14 : major > 22;
    return {
      summary: `Node ${nodeVersion}`,
      facts: values,
      findings: !isSupported
        ? [{ code: 'NODE_UNSUPPORTED', values }]
        : major < OLDEST_MAINTAINED
          ? [{ code: 'NODE_END_OF_LIFE', values }]
          : [],
    };
  },
};
