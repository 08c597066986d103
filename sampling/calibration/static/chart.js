// The drawings: one dot for each rater above its level, and how levels moved between two rounds. What they show stands in words beside them.

import { LEVELS } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 480;
const COLUMN = WIDTH / LEVELS.length;
const TOP = 34; // for the words of the pass line
const STACK = 206; // for the dots, with the count above them
const BASE = TOP + STACK;
const LARGEST = 30; // of a dot and the gap to the next
const SMALLEST = 18; // of those that lie one above the other: a fuller level has several side by side
const ROOM = COLUMN - 12; // that the dots of a level may take from side to side

function draw(name, attributes, words) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (words !== undefined) element.textContent = words;
  return element;
}

function canvas(height, label) {
  return draw("svg", { viewBox: `0 0 ${WIDTH} ${height}`, class: "cal-chart", role: "img", "aria-label": label });
}

/** How many dots lie side by side, and how large each is, so that the fullest level fits. */
function packing(most) {
  for (let across = 1; ; across += 1) {
    const rows = Math.ceil(most / across);
    const size = Math.min(LARGEST, ROOM / across, (STACK - 26) / rows);
    if (size >= Math.min(SMALLEST, ROOM / across)) return { across, size };
  }
}

const middle = (level) => COLUMN * (level + 0.5);

function pass_line(svg, pass_level) {
  const x = COLUMN * pass_level;
  svg.append(
    draw("line", { x1: x, x2: x, y1: 24, y2: BASE + 32, class: "cal-passline" }),
    draw("text", { x, y: 16, "text-anchor": "middle", class: "cal-axis-word" }, "pass line"),
  );
}

/**
 * Returns the dots of one criterion in one round.
 * @param {{counts: number[], round: number}} result
 * @param {{pass_level: number, most?: number, own?: number | null, reference?: number | null}} more `own` is ringed, `reference` marked below the
 *   levels; `most` is the fullest level of all drawings beside this one, so that their dots are of one size
 */
export function dot_plot(result, { pass_level, most = Math.max(...result.counts), own = null, reference = null }) {
  const { counts } = result;
  const svg = canvas(BASE + (reference === null ? 40 : 82), plot_words(result, { own, reference }));
  const { across, size } = packing(most);
  pass_line(svg, pass_level);
  svg.append(draw("line", { x1: 0, x2: WIDTH, y1: BASE, y2: BASE, class: "cal-axis" }));
  for (const level of LEVELS) {
    const count = counts[level];
    for (let place = 0; place < count; place += 1) dot(svg, { level, place, count, across, size, ringed: own === level && place === count - 1 });
    const top = BASE - Math.ceil(count / across) * size;
    if (count) svg.append(draw("text", { x: middle(level), y: top - 8, "text-anchor": "middle", class: "cal-count" }, String(count)));
    svg.append(draw("text", { x: middle(level), y: BASE + 30, "text-anchor": "middle", class: "cal-axis-level" }, String(level)));
  }
  if (reference !== null) mark_reference(svg, reference);
  return svg;
}

function dot(svg, { level, place, count, across, size, ringed }) {
  const row = Math.floor(place / across);
  const in_row = Math.min(across, count - row * across);
  const x = middle(level) + ((place % across) - (in_row - 1) / 2) * size;
  const y = BASE - (row + 0.5) * size - 1;
  const radius = size * 0.42;
  svg.append(draw("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: (ringed ? radius * 0.6 : radius).toFixed(1), class: "cal-dot" }));
  if (ringed) svg.append(draw("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: (radius * 1.05).toFixed(1), class: "cal-ring" }));
}

/** The reference is a diamond with its word, below the levels. */
function mark_reference(svg, level) {
  const [x, y] = [middle(level), BASE + 47];
  svg.append(
    draw("path", { d: `M${x} ${y - 10}l10 10l-10 10l-10 -10z`, class: "cal-reference" }),
    draw("text", { x, y: y + 29, "text-anchor": "middle", class: "cal-axis-word" }, "reference"),
  );
}

/** What a dot plot shows, in words. */
export function plot_words(result, { own = null, reference = null } = {}) {
  const said = LEVELS.map((level) => `${result.counts[level]} at level ${level}`).join(", ");
  const mine = own === null ? "" : ` Yours is ringed, at level ${own}.`;
  const marked = reference === null ? "" : ` The reference is level ${reference}.`;
  return `Dot plot of round ${result.round}, one dot for each rater: ${said}.${mine}${marked}`;
}

const [LEFT, RIGHT, LOW, RISE] = [90, WIDTH - 90, 214, 54];
const height_of = (level) => LOW - RISE * level;

/** Returns lines from the levels of round 1 to those of round 2, as thick as many raters went that way. */
export function flow_chart(table, pass_level) {
  const svg = canvas(BASE + 40, "Lines from each level of round 1 to each of round 2. The table below the drawing gives the numbers.");
  const raters = table.flat().reduce((sum, one) => sum + one, 0);
  const threshold = height_of(pass_level - 0.5);
  svg.append(
    draw("line", { x1: 20, x2: WIDTH - 20, y1: threshold, y2: threshold, class: "cal-passline" }),
    draw("text", { x: WIDTH / 2, y: 20, "text-anchor": "middle", class: "cal-axis-word" }, "each line: how many went that way"),
  );
  table.forEach((row, first) => row.forEach((count, second) => {
    if (count) line(svg, { first, second, count, share: count / raters });
  }));
  for (const level of LEVELS) {
    for (const [x, anchor] of [[LEFT - 22, "end"], [RIGHT + 22, "start"]]) {
      svg.append(draw("text", { x, y: height_of(level) + 9, "text-anchor": anchor, class: "cal-axis-level" }, String(level)));
    }
  }
  for (const [x, words] of [[LEFT, "round 1"], [RIGHT, "round 2"]]) {
    svg.append(draw("text", { x, y: BASE + 30, "text-anchor": "middle", class: "cal-axis-word" }, words));
  }
  return svg;
}

/** A line with its number near its beginning, where lines of one level lie apart least, so each slope has a place of its own. */
function line(svg, { first, second, count, share }) {
  const [from, to] = [height_of(first), height_of(second)];
  const at = 0.2 + 0.13 * ((second + first) % 4 === 0 ? 0 : (second - first + 4) % 4);
  const [x, y] = [LEFT + (RIGHT - LEFT) * at, from + (to - from) * at];
  svg.append(
    draw("line", { x1: LEFT, x2: RIGHT, y1: from, y2: to, class: "cal-flow", "stroke-width": (2 + 14 * share).toFixed(1) }),
    draw("circle", { cx: LEFT, cy: from, r: 7, class: "cal-dot" }),
    draw("circle", { cx: RIGHT, cy: to, r: 7, class: "cal-dot" }),
    draw("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: 13, class: "cal-flow-plate" }),
    draw("text", { x: x.toFixed(1), y: (y + 6).toFixed(1), "text-anchor": "middle", class: "cal-flow-count" }, String(count)),
  );
}
