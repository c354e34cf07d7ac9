// The frame around every page: where one can go, whether it is live, and what this window may do.
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { html } from './html.ts';
import { useData, useIsLive } from './live-data.ts';
import type { About, PageProps } from './page.ts';
import { HistoryPage } from './pages/history.ts';
import { NowPage } from './pages/now.ts';
import { Empty } from './parts/empty.ts';
import { ProblemNote } from './parts/problem-note.ts';
import { follow, useRoute } from './route.ts';

interface PageEntry {
  readonly path: string;
  readonly title: string;
  readonly page: ComponentType<PageProps>;
}

/** In the order of the menu. */
const PAGES: readonly PageEntry[] = [
  { path: '/', title: 'Now', page: NowPage },
  { path: '/history', title: 'History', page: HistoryPage },
];

export function App() {
  const route = useRoute();
  const { data: about, problem } = useData<About>('/api/about', false);
  const entry = PAGES.find(({ path }) => path === route.path) ?? PAGES[0];
  useEffect(() => {
    document.title = `${entry?.title} · Tollgate`;
  }, [entry]);
  return html`
    <a class="skip" href="#main">Skip to the page</a>
    <header class="frame">
      <div class="brand"><img src="/icon.svg" alt="" width="22" height="22" /> Tollgate</div>
      <nav aria-label="Pages">
        <ul>
          ${PAGES.map(
            ({ path, title }) => html`<li key=${path}>
              <a
                href=${path}
                onClick=${follow}
                aria-current=${path === entry?.path ? 'page' : undefined}
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

function LiveState({ about }: { readonly about: About | null }) {
  const isLive = useIsLive();
  return html`<div class="state" role="status">
    <span class=${`dot ${isLive ? 'good' : 'bad'}`}></span>
    <span>${isLive ? 'Live' : 'Not connected'}</span>
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
