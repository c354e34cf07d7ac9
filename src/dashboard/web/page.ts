// What every page is given.
import type { Route } from './route.ts';

export interface About {
  readonly version: string;
  readonly timeZone: string;
  readonly readOnlyBecause: string | null;
  /** Amounts are list prices that nobody is billed. */
  readonly isPlan: boolean;
}

export interface PageProps {
  readonly route: Route;
  readonly about: About;
}
