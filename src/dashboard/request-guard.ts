// Which requests a dashboard answers. PURE. Rule: whatever a header says must be exactly what our own page or a person's own program would send;
// a browser on another site, a name that was made to point here and an unknown program all get a refusal with its reason.

/** What of a request decides. Absent headers are `undefined`. */
export interface RequestFacts {
  readonly method: string;
  readonly path: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
  readonly contentType: string | undefined;
  readonly access: Access;
}

/** What the token of a request opens: `view` is for addresses that other programs may have seen. */
export type Access = 'none' | 'view' | 'change';

/** Why a request is refused, as a status of HTTP and a code. */
export interface Refusal {
  readonly status: 401 | 403 | 405 | 415 | 421;
  readonly code:
    | 'HOST_UNKNOWN'
    | 'METHOD_UNKNOWN'
    | 'OTHER_SITE'
    | 'TOKEN_MISSING'
    | 'TYPE_UNKNOWN'
    | 'VIEW_ONLY';
}

/** The names a browser may have for a server on a port of this machine. */
const hostsOf = (port: number): readonly string[] => [`127.0.0.1:${port}`, `localhost:${port}`];

const isData = (path: string): boolean => path.startsWith('/api/');

/** Why a request is refused; `null`: it may be answered. */
export function refusalOf(request: RequestFacts, port: number): Refusal | null {
  const { method, path, host, origin, fetchSite } = request;
  // A name that an attacker has made to point here comes with its own name.
  if (host === undefined || !hostsOf(port).includes(host)) {
    return { status: 421, code: 'HOST_UNKNOWN' };
  }
  const isChange = method === 'POST';
  if (!isChange && method !== 'GET' && method !== 'HEAD') {
    return { status: 405, code: 'METHOD_UNKNOWN' };
  }
  if (isChange && !isData(path)) return { status: 405, code: 'METHOD_UNKNOWN' };
  if (origin !== undefined && origin !== `http://${host}`) {
    return { status: 403, code: 'OTHER_SITE' };
  }
  // `none`: a person has typed the address. Only a page is opened that way.
  const isTyped = fetchSite === 'none' && !isData(path);
  if (fetchSite !== undefined && fetchSite !== 'same-origin' && !isTyped) {
    return { status: 403, code: 'OTHER_SITE' };
  }
  if (isData(path) && request.access === 'none') return { status: 401, code: 'TOKEN_MISSING' };
  if (isChange && request.access === 'view') return { status: 403, code: 'VIEW_ONLY' };
  if (isChange && request.contentType !== 'application/json') {
    return { status: 415, code: 'TYPE_UNKNOWN' };
  }
  return null;
}
