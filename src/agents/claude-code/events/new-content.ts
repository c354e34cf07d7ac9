// What the next request will send for the first time, in tokens: the prompt, or the results of the tools as the model gets them.
// Loaded after tools and prompts only. Source: client 2.1.330, hooks beside the requests that followed, measured 2026-11-28
// (test/fixtures/tool-results.json): PostToolBatch gives each result as it is sent, PostToolUse the tool's own object.
import {
  imageTokens,
  NO_TOKENS,
  pdfTokens,
  sumOfEstimates,
  type TokenEstimate,
  textTokens,
} from '../../../domain/token-estimate.ts';
import type { Moment } from '../../agent.ts';
import { type Fields, fieldsOf } from '../fields.ts';
import { imageSizeOf } from './image-size.ts';
import { pdfSizeOf } from './pdf-size.ts';

/** `null` where nothing is known yet. */
export function newContentTokens(
  moment: Moment,
  raw: Fields,
  prompt: string | null,
): TokenEstimate | null {
  if (moment === 'prompt') return textTokens(prompt ?? '');
  if (moment === 'after-tools' && Array.isArray(raw.tool_calls)) {
    return sumOfEstimates(
      raw.tool_calls.map((call) => contentTokens(fieldsOf(call).tool_response)),
    );
  }
  return moment === 'after-tool' ? contentTokens(raw.tool_response) : null;
}

/** One result: a text, content blocks, or the object of a tool. */
function contentTokens(value: unknown): TokenEstimate {
  if (value === undefined || value === null) return NO_TOKENS;
  if (typeof value === 'string') return textTokens(value);
  if (Array.isArray(value)) return sumOfEstimates(value.map(contentTokens));
  if (typeof value !== 'object') return textTokens(String(value));
  const fields = value as Fields;
  return (
    blockTokens(fields) ?? readTokens(fields) ?? toolTokens(fields) ?? unknownObjectTokens(fields)
  );
}

/** An object of no known shape: its text, with the images and PDFs in it taken by their size. */
function unknownObjectTokens(value: Fields): TokenEstimate {
  const media: TokenEstimate[] = [];
  const text = JSON.stringify(value, (_key, field: unknown) => {
    const tokens = typeof field === 'string' ? mediaTokens(field) : null;
    if (tokens === null) return field;
    media.push(tokens);
    return '';
  });
  return sumOfEstimates([textTokens(text), ...media]);
}

/** `null` for a text that is no image or PDF in base64. */
function mediaTokens(text: string): TokenEstimate | null {
  const data = text.slice(text.startsWith('data:') ? text.indexOf(',') + 1 : 0);
  if (data.startsWith(PDF_IN_BASE64)) return pdfOf(data);
  const size = imageSizeOf(data);
  return size === null ? null : imageTokens(size);
}
/** "%PDF-". */
const PDF_IN_BASE64 = 'JVBERi';

/** A content block of the Messages API or of MCP; `null` for anything else. */
function blockTokens(block: Fields): TokenEstimate | null {
  const source = fieldsOf(block.source);
  const data = textOf(source.data) ?? textOf(block.data);
  switch (block.type) {
    case 'text':
      return typeof block.text === 'string' ? textTokens(block.text) : null;
    case 'image':
      if (data !== null) return imageTokens(imageSizeOf(data));
      return 'source' in block ? imageTokens(null) : null;
    case 'document':
      if (data !== null) return source.type === 'text' ? textTokens(data) : pdfOf(data);
      return 'content' in source ? contentTokens(source.content) : UNSEEN_DOCUMENT;
    // The model gets the name of the file that the client keeps it in.
    case 'audio':
      return TOOL_NOTE;
    case 'tool_reference':
      return TOOL_DESCRIPTION;
    default:
      return null;
  }
}

/** A document that is only named: the most pages that the client sends without being asked for them. */
const UNSEEN_DOCUMENT = pdfTokens(10, 25_000);
/** A sentence about what a tool did. */
const TOOL_NOTE: TokenEstimate = { earlier: 60, current: 80 };
/** A tool that was searched for is sent with its description. */
const TOOL_DESCRIPTION: TokenEstimate = { earlier: 350, current: 450 };

/** What Read found, by the kind of file. */
function readTokens({ type, file, pages }: Fields): TokenEstimate | null {
  if (typeof file !== 'object' || file === null) return null;
  const { base64, content, numLines, cells, count } = file as Fields;
  if (typeof base64 === 'string') {
    return type === 'pdf' ? pdfOf(base64) : imageTokens(imageSizeOf(base64));
  }
  if (type === 'parts') {
    return Array.isArray(pages)
      ? sumOfEstimates(pages.map(pageTokens))
      : timesEstimate(imageTokens(PDF_PAGE), numberOf(count));
  }
  if (typeof content === 'string') return numberedLines(content, numberOf(numLines));
  if (Array.isArray(cells)) return sumOfEstimates(cells.map(cellTokens));
  return null;
}

/** Where poppler is installed, the pages asked for are sent as images of 100 dots per inch. */
const PDF_PAGE = { width: 850, height: 1_100 };

function pageTokens(page: unknown): TokenEstimate {
  const { base64 } = fieldsOf(page);
  return imageTokens(typeof base64 === 'string' ? imageSizeOf(base64) : PDF_PAGE);
}

/** Lines are sent with their numbers. */
function numberedLines(content: string, lineCount: number): TokenEstimate {
  const number = { earlier: TOKENS_PER_LINE_NUMBER, current: TOKENS_PER_LINE_NUMBER };
  return sumOfEstimates([textTokens(content), timesEstimate(number, lineCount)]);
}

const TOKENS_PER_LINE_NUMBER = 2;

function cellTokens(cell: unknown): TokenEstimate {
  const { source, outputs } = fieldsOf(cell);
  return sumOfEstimates([contentTokens(source), contentTokens(outputs)]);
}

/** A tool's own object, by the fields that tell what of it is sent; `null` for one that is not known. */
function toolTokens(fields: Fields): TokenEstimate | null {
  // Edit, Write, MultiEdit, NotebookEdit: the model is told that it is done, and sees no file.
  if ('structuredPatch' in fields || Object.keys(fields).some(isOriginalFile)) {
    return textTokens(String(fields.filePath ?? fields.notebook_path ?? '') + DONE);
  }
  if (typeof fields.stdout === 'string') return shellTokens(fields);
  if (typeof fields.agentId === 'string') {
    return sumOfEstimates([contentTokens(fields.content), AGENT_NOTE]);
  }
  if (Array.isArray(fields.filenames)) {
    return textTokens(textOf(fields.content) || fields.filenames.join('\n'));
  }
  if (Array.isArray(fields.matches) && 'total_deferred_tools' in fields) {
    return sumOfEstimates(fields.matches.map(() => TOOL_DESCRIPTION));
  }
  if ('newTodos' in fields) return TOOL_NOTE;
  // WebFetch gives the answer of a smaller model.
  if (typeof fields.url === 'string' && typeof fields.result === 'string') {
    return textTokens(fields.result);
  }
  return null;
}

const isOriginalFile = (name: string): boolean => /^original_?file/i.test(name);
const DONE = ' has been updated successfully. (file state is current in your context)';
/** How to reach the subagent again, and what it used. */
const AGENT_NOTE: TokenEstimate = { earlier: 250, current: 330 };
/** Output that is too large goes to a file; the model gets its beginning. */
const PREVIEW_CHARS = 2_300;

function shellTokens({ stdout, stderr, isImage, persistedOutputPath }: Fields): TokenEstimate {
  const out = String(stdout);
  if (isImage === true) return imageTokens(imageSizeOf(out.slice(out.indexOf(',') + 1)));
  const seen = typeof persistedOutputPath === 'string' ? out.slice(0, PREVIEW_CHARS) : out;
  return textTokens(`${seen}\n${textOf(stderr) ?? ''}`);
}

const timesEstimate = ({ earlier, current }: TokenEstimate, count: number): TokenEstimate => ({
  earlier: earlier * count,
  current: current * count,
});

function pdfOf(base64: string): TokenEstimate {
  const { pageCount, charCount } = pdfSizeOf(base64);
  return pdfTokens(pageCount, charCount);
}
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
/** A count from outside; no file has more lines than this. */
const numberOf = (value: unknown): number =>
  typeof value === 'number' && value > 0 ? Math.floor(Math.min(value, 10_000_000)) : 0;
