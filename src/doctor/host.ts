// Which version of the host is installed, and what of it the hooks rely on.
import type { Check } from './check.ts';

export const host: Check = {
  name: 'host',
  run: ({ readHost }) => {
    const { version, features } = readHost();
    if (version === null) {
      return {
        summary: 'not found',
        facts: { version, features },
        findings: [{ code: 'HOST_MISSING' }],
      };
    }
    const lacking = features.filter(({ has }) => !has);
    const values = {
      version,
      features: lacking.map(({ name, since }) => `${name} (since ${since})`).join(', '),
    };
    return {
      summary: `Claude Code ${version}`,
      facts: { version, features },
      findings: lacking.length === 0 ? [] : [{ code: 'HOST_OLD', values }],
    };
  },
};
