// What `tollgate --version` says: Tollgate, Node, what opens the ledger, and SQLite. Rule: it answers where nothing opens the
// ledger, too; that is when people ask.
import { TollgateError } from '../errors.ts';
import { VERSION } from '../runtime/version.ts';
import { readDriverFacts } from '../wire.ts';

/** One line for people, or one JSON object; both end with a line break. */
export function versionText(asJson: boolean): string {
  const node = process.versions.node;
  const driver = driverOrProblem();
  if (asJson) {
    const facts = { schema: 'tollgate/version@1', tollgate: VERSION, node, ...driver };
    return `${JSON.stringify(facts, null, 2)}\n`;
  }
  const parts =
    'problem' in driver
      ? [`no SQLite: ${driver.problem.message}. To repair it: ${driver.problem.hint}`]
      : [`${driver.driver.name} ${driver.driver.version}`, `SQLite ${driver.sqlite}`];
  return `${[`tollgate ${VERSION}`, `node ${node}`, ...parts].join(' · ')}\n`;
}

function driverOrProblem() {
  try {
    const { name, version, sqliteVersion } = readDriverFacts();
    return { driver: { name, version }, sqlite: sqliteVersion };
  } catch (error) {
    if (!(error instanceof TollgateError)) throw error;
    const { code, message, hint } = error;
    return { driver: null, sqlite: null, problem: { code, message, hint } };
  }
}
