// All formats of statements. To add one: a file, and a line here.
import { csvFormat, excelFormat } from './csv.ts';
import { focusFormat } from './focus.ts';
import type { StatementFormat } from './format.ts';
import { htmlFormat } from './html.ts';
import { jsonFormat } from './json.ts';
import { markdownFormat } from './markdown.ts';

/** Loaded when it is asked for: the library and its fonts are larger than everything else. */
const pdfFormat: StatementFormat = {
  name: 'pdf',
  extension: 'pdf',
  summary: 'to print and to send',
  render: async (statement, logo) => (await import('./pdf.ts')).pdfOf(statement, logo),
};

export const STATEMENT_FORMATS: readonly StatementFormat[] = [
  markdownFormat,
  htmlFormat,
  pdfFormat,
  csvFormat,
  excelFormat,
  jsonFormat,
  focusFormat,
];
