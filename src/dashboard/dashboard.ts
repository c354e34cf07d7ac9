// The contract of the dashboard: what a server shows and does, handed in by the command that starts it. Rule: every figure is made by the code that
// the commands print with; the server passes its text on.

/** What a page asks for is answered with. */
export interface PageAnswer {
  readonly type: 'application/json' | 'text/csv';
  readonly body: string;
}

/** Reads what a page shows; `query`: the address's own words. Throws `TollgateError` for what cannot be asked. */
export type PageSource = (query: URLSearchParams) => PageAnswer | Promise<PageAnswer>;

/** Does what a person asks for; answers what came of it, in a sentence. Throws `TollgateError`. */
export type PageAction = (asked: Readonly<Record<string, unknown>>) => string | Promise<string>;

/** A file of the front end. */
export interface WebFile {
  readonly type: string;
  readonly body: Uint8Array;
}

/** What a dashboard is made of. */
export interface DashboardWorld {
  readonly sources: ReadonlyMap<string, PageSource>;
  readonly actions: ReadonlyMap<string, PageAction>;
  /** Why nothing may be changed from here; `null`: it may. */
  readonly readOnlyBecause: string | null;
  /** Another text once the ledger, or what it is about to read, has changed; asked several times a second. */
  readonly readVersion: () => string;
  /** Path, like `/app.js`, to file. */
  readonly files: ReadonlyMap<string, WebFile>;
  /** The figures for `GET /metrics`; `null`: that address is not served. */
  readonly readMetrics: (() => string | Promise<string>) | null;
}
