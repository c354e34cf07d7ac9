// The address bar: which page is shown, and how. Rule: whatever a person has chosen stands there, so that a reload or a link shows the same.
import { useEffect, useState } from 'preact/hooks';

export interface Route {
  readonly path: string;
  readonly query: URLSearchParams;
}

const current = (): Route => ({
  path: location.pathname,
  query: new URLSearchParams(location.search),
});

const listeners = new Set<() => void>();
addEventListener('popstate', () => {
  for (const listener of listeners) listener();
});

/** Goes to a page; `replaces`: without a step to go back to. */
export function go(address: string, replaces = false): void {
  if (replaces) history.replaceState(null, '', address);
  else history.pushState(null, '', address);
  for (const listener of listeners) listener();
}

export function useRoute(): Route {
  const [route, setRoute] = useState(current());
  useEffect(() => {
    const listener = () => setRoute(current());
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, []);
  return route;
}

/** The address of a page with these words; those that are empty are left out. */
export function addressOf(
  path: string,
  words: Readonly<Record<string, string | readonly string[] | null>>,
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(words)) {
    for (const each of [value ?? []].flat()) if (each !== '') query.append(name, each);
  }
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** For links: goes there without loading the page anew, unless another tab or window is wanted. */
export function follow(event: MouseEvent): void {
  const link = event.currentTarget as HTMLAnchorElement;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0)
    return;
  event.preventDefault();
  go(link.pathname + link.search);
  scrollTo(0, 0);
}

/** The page of one session. */
export const sessionAddress = (id: string): string => addressOf('/session', { id });
