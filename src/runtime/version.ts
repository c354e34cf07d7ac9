// Which Tollgate this is. The build puts the package's version in; sources run unbuilt are `dev`.
declare const TOLLGATE_VERSION: string | undefined;

/** Where the project is to be found; package.json says the same. */
export const PROJECT_ADDRESS = 'https://example.invalid/tollgate';

export const VERSION: string = typeof TOLLGATE_VERSION === 'string' ? TOLLGATE_VERSION : 'dev';
