// A seeded vignette, once its rater is told: what they said, what its authors say, and why. And the list of all that were told.

import { button, h, plural } from "./dom.js";
import { day_element, mark, period_words, section, stacked_table } from "./screen_parts.js";

const TONES = { "the same": ["tick", "good"], "within one level": ["tick", "plain"] };

/** The page that stands in place of the form. `left`: how many changes nobody had taken yet, and nobody takes any more. */
export function outcome_page(context, payload, left = 0) {
  const { seeded } = payload;
  return h("div", { class: "sf-page sf-stack ss-screen" },
    h("div", { class: "ss-head" },
      h("h1", { tabindex: "-1" }, `${payload.case_label} was a seeded vignette`),
      h("p", { class: "ss-lead" }, seeded.because),
      left ? h("p", null, `${plural(left, "change", "changes")} that you had made and that ${left === 1 ? "was" : "were"} not saved by then ${left === 1 ? "was" : "were"} thrown away.`) : null,
      h("p", null, seeded.words),
      h("p", { class: "ss-note" }, seeded.note)),
    section(`How you scored “${seeded.title}”`, stacked_table({
      caption: "Each criterion, your answer, and the level that the authors of the vignette gave it",
      head: ["Criterion", "You", "Reference", "How they stand", "Why"],
      rows: seeded.criteria.map((row) => [
        row.title, row.own, row.reference, mark(row.verdict, ...(TONES[row.verdict] ?? ["two_steps", "warn"])), row.why]),
    })),
    h("p", null, seeded.anonymity),
    h("p", null, button("Back to your cases", { run: () => context.go("queue", {}) })));
}

/** The part of the queue that lists what seeded vignettes showed so far, or null. */
export function results_part(screen, queue, open) {
  const { seeded } = queue;
  if (!seeded) return null;
  const { rows, months } = seeded;
  return section("Seeded vignettes",
    h("p", { class: "sf-muted" }, seeded.note),
    months.length
      ? stacked_table({
        caption: "All raters by month: whether the thresholds hold",
        head: ["Month", "Vignettes", "Levels compared", "Within one of the reference", "Higher", "Lower"],
        rows: months.map((row) => [period_words(row.period), row.vignettes, row.levels, row.within, row.above, row.below]),
      })
      : null,
    h("details", { class: "ss-more" }, h("summary", null, `What ${plural(rows.length, "rating", "ratings")} of seeded vignettes showed`),
      stacked_table({
        caption: "Each is known to its rater and to the lead alone",
        head: ["Told on", "Rater", "Vignette", "What it showed", "Further off", "Open"],
        rows: rows.map((row) => [
          day_element(row.on), row.rater_label || "Someone who has left", row.title, row.words,
          row.off.length ? h("ul", { class: "sf-plain" }, row.off.map((one) => h("li", null, one))) : "None",
          row.open ? button("Read", { kind: "quiet", name: `Read: ${row.title}`, run: () => open(screen, row) }) : "The rater's own",
        ]),
      })));
}
