// What every page is given.
import type { Route } from './route.ts';

export interface About {
  readonly version: string;
  readonly timeZone: string;
  readonly readOnlyBecause: string | null;
}

export interface PageProps {
  readonly route: Route;
  readonly about: About;
}
