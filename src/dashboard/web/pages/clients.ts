// Clients: what the work for each has cost, month by month, and what was billed.
import type { StatementsData } from '../data.ts';
import { html } from '../html.ts';
import { useData } from '../live-data.ts';
import type { PageProps } from '../page.ts';
import { DataTable } from '../parts/data-table.ts';
import { GroupSpend } from '../parts/group-spend.ts';
import { dateText } from '../text.ts';

export const ClientsPage = ({ route, about }: PageProps) => html`
  <${GroupSpend}
    path="/clients"
    group="client"
    query=${route.query}
    nothing="Clients are named in the configuration, by repository or branch, or with tollgate label."
  />
  <${Issued} timeZone=${about.timeZone} />
`;

type Issue = StatementsData['issued'][number];

function Issued({ timeZone }: { readonly timeZone: string }) {
  const { data } = useData<StatementsData>('/api/statements');
  if (data === null) return null;
  const day = (at: number) => dateText(at, timeZone);
  const columns = [
    { title: 'Number', cell: ({ number }: Issue) => number },
    { title: 'Client', cell: ({ client }: Issue) => client },
    { title: 'From', cell: ({ startAt }: Issue) => day(startAt) },
    { title: 'To', cell: ({ endAt }: Issue) => day(endAt - 1) },
    { title: 'Issued', cell: ({ issuedAt }: Issue) => day(issuedAt) },
    {
      title: 'Total',
      isNumber: true,
      cell: ({ total, currency }: Issue) => `${total} ${currency}`,
    },
  ];
  return html`<section class="card" aria-labelledby="issued">
    <h2 id="issued">Issued statements</h2>
    ${
      data.issued.length === 0
        ? html`<p class="muted">None was issued: <code>tollgate statement</code> makes one.</p>`
        : html`<${DataTable} caption="Issued statements" columns=${columns} rows=${data.issued} keyOf=${({ number }: Issue) => number} />`
    }
  </section>`;
}
