// Which response a line is of. Rule: a response is named by the best that its lines say, and two lines are of one response
// only where something says so; see docs/decisions/0011-response-identity.md.
import { textHash } from '../../../domain/text-hash.ts';
import type { OpenResponse, ScanSource } from '../../agent.ts';
import { idOf, type Line, numberOf } from './spellings.ts';

/** What a line says about the response it is of. */
interface Signs extends Pick<OpenResponse, 'messageId' | 'requestId' | 'uuid' | 'block'> {
  /** The line it follows, by its own word; `undefined`: it does not say. */
  readonly parent: unknown;
  readonly promptTokens: number;
  readonly outputTokens: number;
}

/** Tokens of the usage on a line; absent where it has none. */
export interface LineTokens {
  readonly promptTokens: number;
  readonly outputTokens: number;
}

/** Shorter ids are counters or constants of a gateway. */
const UNIQUE_LENGTH = 16;

/** The response that a line is of: the one of the line before, or a new one. `at`: the line's place in its file. */
export function responseOf(
  line: Line,
  messageId: string | null,
  tokens: LineTokens | null,
  known: OpenResponse | null,
  source: ScanSource,
  at: number,
): OpenResponse {
  const signs: Signs = {
    messageId,
    requestId: idOf(line.requestId),
    uuid: idOf(line.uuid),
    block: numberOf(line.apiBlockIndex),
    parent: line.parentUuid,
    promptTokens: tokens?.promptTokens ?? 0,
    outputTokens: tokens?.outputTokens ?? 0,
  };
  const isSame = known !== null && isOfResponse(signs, known, tokens !== null);
  const place = `${source.sessionId}${source.agentId === null ? '' : `/${source.agentId}`}@${at}`;
  return {
    name: isSame ? known.name : nameOf(signs, place),
    key: isSame ? known.key : keyOf(signs, line.timestamp, place),
    messageId: isSame ? (known.messageId ?? messageId) : messageId,
    requestId: isSame ? (known.requestId ?? signs.requestId) : signs.requestId,
    uuid: signs.uuid,
    block: signs.block,
    promptTokens: tokens === null && isSame ? known.promptTokens : signs.promptTokens,
    outputTokens: tokens === null && isSame ? known.outputTokens : signs.outputTokens,
    hasUsage: tokens !== null || (isSame && known.hasUsage),
    isOver: false,
  };
}

/** Message id, else request id, else the line's own uuid, else its place. */
const nameOf = ({ messageId, requestId, uuid }: Signs, place: string): string =>
  messageId ?? requestId ?? `line:${uuid ?? place}`;

/** A copy of the line in another file has the same key. */
const keyOf = ({ requestId, uuid }: Signs, timestamp: unknown, place: string): number =>
  hashOf(requestId ?? uuid ?? idOf(timestamp) ?? place);

/** A hash of 52 bits: a number holds it exactly. */
export function hashOf(text: string): number {
  const [a, b] = textHash(text);
  return (a & 0xfffff) * 2 ** 32 + b;
}

function isOfResponse(line: Signs, known: OpenResponse, hasUsage: boolean): boolean {
  const hasIds = line.messageId !== null && known.messageId !== null;
  if (hasIds && line.messageId !== known.messageId) return false;
  if (line.requestId !== null && known.requestId !== null) {
    if (line.requestId !== known.requestId) return false;
    if (line.requestId.length >= UNIQUE_LENGTH) return true;
  }
  if (line.uuid !== null && line.uuid === known.uuid) return true;
  const hasBlocks = line.block !== null && known.block !== null;
  if (hasBlocks) return Number(line.block) > Number(known.block) && (hasIds || !known.isOver);
  if (!hasIds) return line.requestId !== null && line.requestId === known.requestId;
  return isContinued(line, known, hasUsage);
}

/** Without a request id and blocks: whether a line with the same message id goes on with the response. */
function isContinued(line: Signs, known: OpenResponse, hasUsage: boolean): boolean {
  const hasSamePrompt = !hasUsage || !known.hasUsage || line.promptTokens === known.promptTokens;
  const isUnique = Number(line.messageId?.length) >= UNIQUE_LENGTH;
  if (known.isOver) return isUnique && hasSamePrompt && line.outputTokens === known.outputTokens;
  if (line.parent === undefined || (line.parent === known.uuid && line.parent !== null))
    return true;
  return isUnique || !hasUsage || (hasSamePrompt && line.outputTokens > known.outputTokens);
}
