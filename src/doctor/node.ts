// Whether Tollgate can run on this Node, and what the system keeps to itself.
import type { Check } from './check.ts';
import type { Finding } from './findings.ts';

/** Node 20 has ended on 2026-04-30. Source: nodejs.org/en/about/previous-releases, 2026-11-28. */
const OLDEST_MAINTAINED = 22;

export const node: Check = {
  name: 'node',
  run: ({ nodeVersion, untold }) => {
    const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
    const values = { version: nodeVersion };
    const isSupported = major === 20 ? minor >= 19 : major === 22 ? minor >= 14 : major > 22;
    const findings: Finding[] = [];
    if (!isSupported) findings.push({ code: 'NODE_UNSUPPORTED', values });
    else if (major < OLDEST_MAINTAINED) findings.push({ code: 'NODE_END_OF_LIFE', values });
    if (untold.length > 0) {
      findings.push({ code: 'SYSTEM_TELLS_LESS', values: { untold: untold.join(', ') } });
    }
    return { summary: `Node ${nodeVersion}`, facts: values, findings };
  },
};
