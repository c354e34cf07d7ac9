// The frame around every page: where one can go, whether it is live, and what this window may do.
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { mayChange } from './api.ts';
import { html } from './html.ts';
import { type Live, useData, useLive } from './live-data.ts';
import type { About, PageProps } from './page.ts';
import { BudgetsPage } from './pages/budgets.ts';
import { ClientsPage } from './pages/clients.ts';
import { HealthPage } from './pages/health.ts';
import { HistoryPage } from './pages/history.ts';
import { NowPage } from './pages/now.ts';
import { PullRequestsPage } from './pages/pull-requests.ts';
import { SavingsPage } from './pages/savings.ts';
import { SessionPage } from './pages/session.ts';
import { SessionsPage } from './pages/sessions.ts';
import { Empty } from './parts/empty.ts';
import { ProblemNote } from './parts/problem-note.ts';
import { follow, useRoute } from './route.ts';

interface PageEntry {
  readonly path: string;
  readonly title: string;
  readonly page: ComponentType<PageProps>;
  /** The entry of the menu that leads to it, where it has none itself. */
  readonly below?: string;
  /** Of a machine: a team has none. */
  readonly isOfMachine?: true;
}

/** In the order of the menu. */
const PAGES: readonly PageEntry[] = [
  { path: '/', title: 'Now', page: NowPage },
  { path: '/history', title: 'History', page: HistoryPage },
  { path: '/sessions', title: 'Sessions', page: SessionsPage },
  { path: '/session', title: 'Session', page: SessionPage, below: '/sessions' },
  { path: '/budgets', title: 'Budgets and alerts', page: BudgetsPage },
  { path: '/clients', title: 'Clients', page: ClientsPage },
  { path: '/pull-requests', title: 'Pull requests', page: PullRequestsPage },
  { path: '/savings', title: 'Savings', page: SavingsPage, isOfMachine: true },
  { path: '/health', title: 'Health', page: HealthPage, isOfMachine: true },
];

export function App() {
  const route = useRoute();
  const { data: told, problem } = useData<About>('/api/about', false);
  const about = told === null ? null : withAccess(told);
  const entry = PAGES.find(({ path }) => path === route.path) ?? PAGES[0];
  useEffect(() => {
    showMenuEntry();
    document.title = `${entry?.title} · Tollgate`;
  }, [entry]);
  return html`
    <a class="skip" href="#main">Skip to the page</a>
    <header class="frame">
      <div class="brand"><img src="/icon.svg" alt="" width="22" height="22" /> Tollgate</div>
      <nav aria-label="Pages">
        <ul>
          ${PAGES.filter(
            ({ below, isOfMachine }) => below === undefined && !(isOfMachine && about?.team),
          ).map(
            ({ path, title }) => html`<li key=${path}>
              <a
                href=${path}
                onClick=${follow}
                aria-current=${path === (entry?.below ?? entry?.path) ? 'page' : undefined}
                >${title}</a
              >
            </li>`,
          )}
        </ul>
      </nav>
      <${LiveState} about=${about} />
    </header>
    <main id="main" tabindex="-1">
      <h1>${entry?.title}</h1>
      ${problem && html`<${ProblemNote} problem=${problem} />`}
      ${about && entry && html`<${entry.page} route=${route} about=${about} />`}
    </main>
  `;
}

/** On a narrow screen the menu scrolls. (`scrollIntoView` would have Tab go on from there.) */
function showMenuEntry(): void {
  const menu = document.querySelector('nav');
  const entry = menu?.querySelector<HTMLElement>('a[aria-current]');
  if (menu && entry) menu.scrollLeft = entry.offsetLeft - menu.clientWidth / 3;
}

/** The address that a browser was started with is for looking. */
const withAccess = (about: About): About =>
  about.readOnlyBecause !== null || mayChange()
    ? about
    : {
        ...about,
        readOnlyBecause: 'this page was opened to look at; for changes open the printed address',
      };

const LIVE: Readonly<Record<Live, { readonly tone: string; readonly text: string }>> = {
  asking: { tone: '', text: 'Connecting' },
  live: { tone: 'good', text: 'Live' },
  gone: { tone: 'bad', text: 'Not connected' },
};

function LiveState({ about }: { readonly about: About | null }) {
  const live = useLive();
  return html`<div class="state" role="status">
    <span class=${`dot ${LIVE[live].tone}`}></span>
    <span>${LIVE[live].text}</span>
    ${about?.isPlan && html`<span class="badge">List prices, not billed</span>`}
    ${
      about?.team &&
      html`<span class="badge" title=${about.team.isWhole ? 'the whole team’s ledger' : 'what this machine has sent: its role reads no more'}
        >Team ${about.team.name}${about.team.isWhole ? '' : ', own entries'}</span
      >`
    }
    ${about?.readOnlyBecause && html`<span class="badge" title=${about.readOnlyBecause}>Read only</span>`}
  </div>`;
}

/** Shown to whoever comes without the key. */
export function Locked() {
  return html`<main class="locked">
    <h1>Tollgate</h1>
    <${Empty}
      title="This address lacks its key"
      hint="Open the whole address that tollgate dashboard has printed in your terminal: its part after # is the key. It is made anew at each start."
    />
  </main>`;
}
