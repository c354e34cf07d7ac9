// Which Tollgate this is. The build puts the package's version in; sources run unbuilt are `dev`.
declare const TOLLGATE_VERSION: string | undefined;

export const VERSION: string = typeof TOLLGATE_VERSION === 'string' ? TOLLGATE_VERSION : 'dev';
