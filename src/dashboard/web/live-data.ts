// Data of the server that is read again when the ledger has changed, as hooks of Preact.
import { useEffect, useState } from 'preact/hooks';
import { listen, type Problem, read } from './api.ts';

const watchers = new Set<() => void>();
/** Whether changes arrive. */
export type Live = 'asking' | 'live' | 'gone';
let live: Live = 'asking';

/** Starts listening; call once. */
export function startLive(): void {
  void listen(
    () => {
      for (const watcher of watchers) watcher();
    },
    (state) => {
      live = state ? 'live' : 'gone';
      for (const watcher of watchers) watcher();
    },
  );
}

/** Reads again at once, for what this page itself has changed. */
export function refreshAll(): void {
  for (const watcher of watchers) watcher();
}

export interface Loaded<T> {
  readonly data: T | null;
  readonly problem: Problem | null;
  readonly isLoading: boolean;
}

/** Changes that come faster are answered by one reading. */
const LEAST_MS = 250;

/** What an address answers, kept up to date; what is shown stays until its successor has come. */
export function useData<T>(address: string, isKeptCurrent = true): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T> & { readonly address: string }>({
    ...{ address: '', data: null, problem: null, isLoading: true },
  });
  useEffect(() => {
    const ended = new AbortController();
    let timer: ReturnType<typeof setTimeout> | null = null;
    let [isReading, isStale] = [false, false];
    const readNow = async () => {
      if (isReading) {
        isStale = true;
        return;
      }
      isReading = true;
      try {
        const data = await read<T>(address, ended.signal);
        setLoaded({ address, data, problem: null, isLoading: false });
      } catch (problem) {
        if (ended.signal.aborted) return;
        setLoaded((before) => ({
          ...{ address, problem: problem as Problem, isLoading: false },
          data: before.address === address ? before.data : null,
        }));
      }
      isReading = false;
      if (isStale) later();
      isStale = false;
    };
    const later = () => {
      timer ??= setTimeout(() => {
        timer = null;
        void readNow();
      }, LEAST_MS);
    };
    setLoaded((before) => ({ ...before, isLoading: true }));
    void readNow();
    if (isKeptCurrent) watchers.add(later);
    return () => {
      watchers.delete(later);
      ended.abort();
      if (timer !== null) clearTimeout(timer);
    };
  }, [address, isKeptCurrent]);
  return loaded;
}

export function useLive(): Live {
  const [state, setState] = useState(live);
  useEffect(() => {
    const watcher = () => setState(live);
    watcher();
    watchers.add(watcher);
    return () => {
      watchers.delete(watcher);
    };
  }, []);
  return state;
}
