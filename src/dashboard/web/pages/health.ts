// Health: what `tollgate doctor` finds. It looks at everything the guard depends on, so it is asked once and when a person wants it.
import { useState } from 'preact/hooks';
import type { DoctorData } from '../data.ts';
import { html } from '../html.ts';
import { useData } from '../live-data.ts';
import type { PageProps } from '../page.ts';
import { ProblemNote } from '../parts/problem-note.ts';
import { addressOf } from '../route.ts';

type Check = DoctorData['checks'][number];

export function HealthPage(_: PageProps) {
  const [round, setRound] = useState(0);
  const { data, problem, isLoading } = useData<DoctorData>(
    addressOf('/api/doctor', { round: round === 0 ? '' : String(round) }),
    false,
  );
  return html`
    <section class="controls" aria-label="Checks">
      <button type="button" disabled=${isLoading} onClick=${() => setRound(round + 1)}>Check again</button>
      <p class="muted" role="status">${isLoading ? 'Checking: this takes a few seconds…' : ''}</p>
    </section>
    ${problem && html`<${ProblemNote} problem=${problem} />`}
    ${
      data &&
      html`<p class=${`note ${data.isFine ? 'good' : 'warn'}`}>
          ${data.isFine ? 'All is well.' : 'Something needs a look.'} Tollgate ${data.version}
        </p>
        <section class="card" aria-label="Checks">
          <ul class="checks">${data.checks.map((check) => html`<${CheckOf} key=${check.name} check=${check} />`)}</ul>
        </section>`
    }
  `;
}

const TONES = { error: 'bad', warning: 'warn', note: '', fine: 'good' } as const;

function CheckOf({ check }: { readonly check: Check }) {
  const { name, summary, findings } = check;
  const worst =
    (['error', 'warning', 'note'] as const).find((each) =>
      findings.some(({ severity }) => severity === each),
    ) ?? 'fine';
  return html`<li>
    <span class=${`badge ${TONES[worst]}`}>${worst}</span>
    <div>
      <strong>${name}</strong> <span>${summary}</span>
      ${findings.map(
        ({
          code,
          severity,
          message,
          hint,
        }) => html`<p key=${code + message} class=${`note ${TONES[severity]}`}>
          <strong>${message}</strong>${hint}
        </p>`,
      )}
    </div>
  </li>`;
}
