// What every page is given.
import type { Route } from './route.ts';

export interface About {
  readonly version: string;
  readonly timeZone: string;
  readonly readOnlyBecause: string | null;
  /** Amounts are list prices that nobody is billed. */
  readonly isPlan: boolean;
  /** The pages show a team's ledger, the whole of it or what this machine has sent; absent: this machine's. */
  readonly team?: { readonly name: string; readonly isWhole: boolean };
}

export interface PageProps {
  readonly route: Route;
  readonly about: About;
}
