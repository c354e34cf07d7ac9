// The shapes of the simulation: output distributions from light to as heavy as a capped reply
// allows, and sessions that change.
import { type Draw, logNormal, pareto, type Rng, type Shape, uniform } from './workload.ts';

/** `light` most of the time, `heavy` with the given chance. */
const mixture =
  (chance: number, heavy: Draw, light: Draw): Draw =>
  (rng, at) =>
    rng.next() < chance ? heavy(rng, at) : light(rng, at);

const times =
  (factor: number, draw: Draw): Draw =>
  (rng, at) =>
    factor * draw(rng, at);

/** Small tool calls, now and then a whole file written. */
const callsAndFiles = mixture(0.1, times(7, logNormal(0.6)), times(0.33, logNormal(0.5)));

/** From `before` to `after` at a random share of the ceiling. */
const changing =
  (before: number, after: number, from: number, to: number) =>
  (rng: Rng): Draw => {
    const when = uniform(rng, from, to);
    const draw = logNormal(1.1);
    return (inner, at) => (at.spentRatio < when ? before : after) * draw(inner, at);
  };

/** Phases of some twelve requests: reading (small replies) and writing (large ones). */
const phases = (): Draw => {
  let writing = false;
  const draw = logNormal(0.9);
  return (rng, at) => {
    if (rng.next() < 1 / 12) writing = !writing;
    return (writing ? 1.75 : 0.25) * draw(rng, at);
  };
};

/** The logarithm of the output follows the one before it (correlation 0.7). */
const correlated = (): Draw => {
  let level = 0;
  return (rng) => {
    level = 0.7 * level + Math.sqrt(1 - 0.49) * rng.normal();
    return Math.exp(1.2 * level - 0.72);
  };
};

const parallelTools = (): Draw => {
  const draw = logNormal(1.6);
  return (rng, at) => draw(rng, at);
};

/** The shapes, lightest tails first. */
export const SHAPES: readonly Shape[] = [
  { name: 'light', outputs: () => (rng) => -Math.log(1 - rng.next()) },
  { name: 'log-normal 1.0', outputs: () => logNormal(1) },
  { name: 'log-normal 1.3', outputs: () => logNormal(1.3) },
  { name: 'log-normal 1.6', outputs: () => logNormal(1.6) },
  {
    name: 'pareto mixture',
    outputs: () => mixture(0.15, times(4, pareto(1.4)), times(0.47, logNormal(0.8))),
  },
  { name: 'calls and files', outputs: () => callsAndFiles },
  {
    name: 'rare giants',
    outputs: () => mixture(0.02, times(20, logNormal(0.3)), times(0.6, logNormal(0.9))),
  },
  { name: 'context heavy', outputs: () => logNormal(1.2), outputShare: [0.15, 0.35] },
  {
    name: 'tool heavy',
    outputs: () => logNormal(1.1),
    tools: parallelTools,
    outputShare: [0.2, 0.4],
  },
  { name: 'idle pauses', outputs: () => logNormal(1.2), idleRatio: 0.1 },
  { name: 'turns louder x5', outputs: changing(0.4, 2, 0.3, 0.9) },
  { name: 'turns quieter /5', outputs: changing(2, 0.4, 0.3, 0.9) },
  {
    name: 'drifts up x4',
    outputs: () => (rng, at) => 0.5 * 4 ** at.spentRatio * logNormal(1.2)(rng, at),
  },
  { name: 'phases', outputs: phases },
  { name: 'correlated', outputs: correlated },
  { name: 'four threads', outputs: () => logNormal(1.2), threadCount: 4 },
  { name: 'short (10-25)', outputs: () => logNormal(1.2), requests: [10, 25] },
  { name: 'long (150-500)', outputs: () => logNormal(1.3), requests: [150, 500] },
];
