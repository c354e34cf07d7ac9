// One word, one meaning: Claude Code's own words stay in its folder, and retired words do not come back.
import ts from 'typescript';
import { expect, test } from 'vitest';
import { filesBelow, stale, treeOf, walk } from './source.ts';

/** File names, events, tools and variables that only Claude Code has. */
const HOST_WORDS =
  /\.jsonl\b|\b(PreToolUse|PostToolUse|PostToolBatch|UserPromptSubmit|SubagentStart|SubagentStop|PreCompact|SessionStart|SessionEnd)\b|\bCLAUDE_[A-Z_]+|\bCLAUDECODE\b|^(Bash|Edit|MultiEdit|NotebookEdit|WebFetch|WebSearch|TodoWrite|Task|Grep)$/;
const HOST_FOLDERS = /^src\/agents\/claude-code\//;
/** Outside of it today. This list may only shrink. */
const KNOWN_HOST_WORDS: readonly string[] = [];

/** Words that were replaced, and by what. */
const RETIRED: readonly (readonly [RegExp, string])[] = [
  [/^(isOfP|p)lain(Ledger|Responses|Of)$/i, 'simple, or what it is'],
  [/shortWay/i, 'fastPath'],
  [/guarded(Path|Files?|Call)/i, 'protectedPath, protectedFiles, protectedCall'],
  [/^(parcel|stretch|scanRoom|latch)/i, 'fact codec, chunk, superseded, readBuffer, halt'],
  [
    /^(standing|reckoned|gated|outlook|patience)$/i,
    'budgetContext, assessment, result, status, wait',
  ],
  [/(?<!^make|^with)Room$/, 'the word for what it holds: repository, folder, buffer'],
  [/^MOST_/, 'MAX_'],
  [/ToolError/, 'TollgateError'],
];
/** Still there today. This list may only shrink. */
const KNOWN_RETIRED: readonly string[] = [];

test("only an agent's own folder knows its words", () => {
  const found = new Set<string>();
  for (const file of filesBelow('src').filter((each) => !HOST_FOLDERS.test(each))) {
    const add = (text: string) => {
      const word = HOST_WORDS.exec(text)?.[0];
      if (word !== undefined) found.add(`${file} ${word}`);
    };
    walk(treeOf(file), (node) => {
      if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) add(node.text);
      if (ts.isPropertyAccessExpression(node)) add(node.name.text);
    });
  }
  const all = [...found].sort();
  expect(
    all.filter((each) => !KNOWN_HOST_WORDS.includes(each)),
    'say it in src/agents/claude-code, behind the contract in src/agents/agent.ts',
  ).toEqual([]);
  expect(stale(KNOWN_HOST_WORDS, all), 'gone: take it off the list').toEqual([]);
});

test('no retired words in names', () => {
  const found = new Set<string>();
  for (const file of filesBelow('src')) {
    walk(treeOf(file), (node) => {
      const isDeclared =
        ts.isIdentifier(node) && (node.parent as { name?: ts.Node } | undefined)?.name === node;
      if (!isDeclared || ts.isPropertyAccessExpression(node.parent)) return;
      const retired = RETIRED.find(([pattern]) => pattern.test(node.text));
      if (retired) found.add(`${file} ${node.text} (${retired[1]})`);
    });
  }
  const all = [...found].sort();
  expect(
    all.filter((each) => !KNOWN_RETIRED.includes(each)),
    'use the word in brackets; docs/glossary.md has them all',
  ).toEqual([]);
  expect(stale(KNOWN_RETIRED, all), 'gone: take it off the list').toEqual([]);
});
