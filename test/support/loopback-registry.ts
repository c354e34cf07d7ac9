// A package registry on loopback that knows one package: what the client downloads when a plugin comes from npm.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LoopbackRegistry {
  /** For `npm_config_registry`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the package in `tarball`; `manifest` is its package.json. */
export async function startLoopbackRegistry(
  tarball: string,
  manifest: { readonly name: string; readonly version: string },
): Promise<LoopbackRegistry> {
  const bytes = readFileSync(tarball);
  const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  const server = createServer((request, response) => {
    if (request.url === '/package.tgz') response.end(bytes);
    else if (request.url === `/${manifest.name}`) {
      const dist = { tarball: `${url}package.tgz`, integrity };
      const versions = { [manifest.version]: { ...manifest, dist } };
      const known = { name: manifest.name, 'dist-tags': { latest: manifest.version }, versions };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(known));
    } else response.writeHead(404).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
