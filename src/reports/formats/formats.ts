// All formats of reports. To add one: a file, and a line here.
import { csvFormat } from './csv.ts';
import { focusFormat } from './focus.ts';
import type { Format } from './format.ts';
import { jsonFormat } from './json.ts';
import { markdownFormat } from './markdown.ts';
import { textFormat } from './text.ts';

export const FORMATS: readonly Format[] = [
  textFormat,
  jsonFormat,
  csvFormat,
  markdownFormat,
  focusFormat,
];
