// Every combination of what a browser or a program may send, against what may be answered.
import { expect, test } from 'vitest';
import { type Access, refusalOf } from '../../../src/dashboard/request-guard.ts';

const PORT = 4780;
const HOSTS = [
  '127.0.0.1:4780',
  'localhost:4780',
  'localhost.:4780',
  '127.0.0.1',
  'evil.example',
  undefined,
];
const ORIGINS = [undefined, 'own', 'http://evil.example', 'null', 'http://127.0.0.1:3000'];
const SITES = [undefined, 'same-origin', 'none', 'same-site', 'cross-site'];
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'];
const ACCESS: readonly Access[] = ['none', 'view', 'change'];
const PATHS = ['/', '/api/now', '/api/raise'];

test('of 6 750 combinations only our own page and a program with the key are answered', () => {
  let [count, answered] = [0, 0];
  for (const host of HOSTS) {
    for (const given of ORIGINS) {
      for (const fetchSite of SITES) {
        for (const method of METHODS) {
          for (const access of ACCESS) {
            for (const path of PATHS) {
              count += 1;
              const origin = given === 'own' ? `http://${host}` : given;
              const facts = { method, path, host, origin, fetchSite, access };
              const refusal = refusalOf({ ...facts, contentType: 'application/json' }, PORT);
              if (refusal !== null) continue;
              answered += 1;
              expect(['127.0.0.1:4780', 'localhost:4780']).toContain(host);
              expect([undefined, 'own']).toContain(given);
              expect(
                path === '/' ? [undefined, 'same-origin', 'none'] : [undefined, 'same-origin'],
              ).toContain(fetchSite);
              expect(method === 'GET' || (method === 'POST' && access === 'change')).toBe(true);
              if (path !== '/') expect(access).not.toBe('none');
              if (path === '/') expect(method).toBe('GET');
            }
          }
        }
      }
    }
  }
  expect(count).toBe(6 * 5 * 5 * 5 * 3 * 3);
  // Two hosts and two origins; pages: 3 sites × 3 keys; data: 2 sites × (2 keys to read, 1 to change) × 2 paths.
  expect(answered).toBe(2 * 2 * (3 * 3 + 2 * 3 * 2));
});

test.each([
  [{ host: 'evil.example' }, 421, 'HOST_UNKNOWN'],
  [{ method: 'PUT' }, 405, 'METHOD_UNKNOWN'],
  [{ origin: 'http://localhost:4780' }, 403, 'OTHER_SITE'],
  [{ fetchSite: 'cross-site' }, 403, 'OTHER_SITE'],
  [{ access: 'none' as const }, 401, 'TOKEN_MISSING'],
  [{ access: 'view' as const }, 403, 'VIEW_ONLY'],
  [{ contentType: 'text/plain' }, 415, 'TYPE_UNKNOWN'],
])('a change with %j is refused with %i', (differs, status, code) => {
  const own = {
    ...{
      method: 'POST',
      path: '/api/raise',
      host: '127.0.0.1:4780',
      origin: 'http://127.0.0.1:4780',
    },
    ...{ fetchSite: 'same-origin', contentType: 'application/json', access: 'change' as const },
  };
  expect(refusalOf(own, PORT)).toBeNull();
  expect(refusalOf({ ...own, ...differs }, PORT)).toEqual({ status, code });
});
