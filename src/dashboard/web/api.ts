// Talks to the server. Rule: the key comes from the address once, leaves it at once, and lives in this tab alone.

const KEY = 'tollgate-key';
let key = '';
let access = '';

/** Whether the server lets this page change something, by its last answer. */
export const mayChange = (): boolean => access !== 'view';

/** What went wrong, as the command line would say it. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** Takes the key out of the address, else out of this tab's memory, else from another open tab; false: there is none. */
export async function takeKey(): Promise<boolean> {
  const given = location.hash.slice(1);
  if (given !== '') {
    sessionStorage.setItem(KEY, given);
    history.replaceState(null, '', location.pathname + location.search);
  }
  key = given || sessionStorage.getItem(KEY) || (await keyOfOtherTab());
  if (key !== '') sessionStorage.setItem(KEY, key);
  answerOtherTabs();
  return key !== '';
}

const OTHER_TAB_MS = 150;

function keyOfOtherTab(): Promise<string> {
  const channel = new BroadcastChannel(KEY);
  return new Promise((resolve) => {
    const end = (found: string) => {
      channel.close();
      resolve(found);
    };
    channel.onmessage = ({ data }: MessageEvent<{ key?: string }>) => {
      if (data.key) end(data.key);
    };
    channel.postMessage({ asks: true });
    setTimeout(() => end(''), OTHER_TAB_MS);
  });
}

function answerOtherTabs(): void {
  const channel = new BroadcastChannel(KEY);
  channel.onmessage = ({ data }: MessageEvent<{ asks?: boolean }>) => {
    if (data.asks && key !== '') channel.postMessage({ key });
  };
}

async function ask(address: string, init: RequestInit = {}): Promise<Response> {
  const headers = { ...init.headers, authorization: `Bearer ${key}` };
  let response: Response;
  try {
    response = await fetch(address, { ...init, headers });
  } catch {
    throw problem('SERVER_GONE', 'the dashboard has ended', 'start it again: tollgate dashboard');
  }
  access = response.headers.get('x-tollgate-access') ?? access;
  if (response.ok) return response;
  const { error } = (await response.json().catch(() => ({}))) as { error?: Partial<Problem> };
  if (response.status === 401) {
    throw problem(
      'KEY_REFUSED',
      'this address is of an earlier start',
      'open the one that tollgate dashboard printed last',
    );
  }
  const {
    code = 'UNKNOWN',
    message = `the server answered ${response.status}`,
    hint = '',
  } = error ?? {};
  throw problem(code, message, hint);
}

function problem(code: string, message: string, hint: string): Problem {
  return { code, message, hint };
}

export async function read<T>(address: string, signal?: AbortSignal): Promise<T> {
  return (await ask(address, signal ? { signal } : {})).json() as Promise<T>;
}

export async function change(name: string, asked: object): Promise<string> {
  const response = await ask(`/api/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(asked),
  });
  return ((await response.json()) as { text: string }).text;
}

/** Saves what an address answers as a file. */
export async function download(address: string, name: string): Promise<void> {
  const blob = await (await ask(address)).blob();
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

const RETRY_MS = 2_000;

/** Calls `onChange` for each change of the ledger, and tells whether it is listening; goes on trying for ever. */
export async function listen(
  onChange: () => void,
  onState: (isLive: boolean) => void,
): Promise<never> {
  for (;;) {
    try {
      const response = await ask('/api/live');
      onState(true);
      onChange();
      await readLines(response, (line) => {
        if (line.startsWith('data:')) onChange();
      });
    } catch {
      // Told by `onState`, and tried again.
    }
    onState(false);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

async function readLines({ body }: Response, onLine: (line: string) => void): Promise<void> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const piece = await reader?.read();
    if (piece === undefined || piece.done) return;
    const lines = (rest + piece.value).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  }
}
