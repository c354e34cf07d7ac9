// Pull requests: what each has cost, all its sessions together.
import { html } from '../html.ts';
import type { PageProps } from '../page.ts';
import { GroupSpend } from '../parts/group-spend.ts';

export const PullRequestsPage = ({ route }: PageProps) => html`
  <${GroupSpend}
    path="/pull-requests"
    group="pr"
    query=${route.query}
    nothing="Pull requests are found by the branch, where gh is installed, or named with tollgate label."
  />
`;
