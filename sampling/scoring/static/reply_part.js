// The supervisee's right of reply, and what came of it. A reply changes no rating by itself; it waits visibly until it is answered.

import { h, select } from "./dom.js";
import { choice, control, event_form } from "./action_forms.js";
import { know } from "./live.js";
import { mark, moment_words } from "./screen_parts.js";
import { text_field } from "./texts.js";

const SHAPES = { none: ["hollow", "plain"], waiting: ["clock", "warn"], answered: ["tick", "good"] };

/** Returns the replies to a review or session, with the forms to reply and to answer. `criteria` are [{ref, title}]; `words` is of paste.js. */
export function reply_part(context, review, reply, { criteria = [], done, words }) {
  if (!reply?.state) return null;
  return h("div", { class: "sf-stack" },
    h("p", null, mark(reply.state_label, ...SHAPES[reply.state])),
    h("p", { class: "sf-muted" }, reply.words),
    reply.rounds.length ? h("ol", { class: "ss-rounds" }, reply.rounds.map(round)) : null,
    reply.may_reply ? reply_form(context, review, reply, { criteria, done, words }).element : null,
    reply.may_answer ? answer_form(context, review, reply, { done, words }).element : null);
}

function round(one) {
  return h("li", null,
    h("p", null, h("strong", null, `${one.by_label || "The supervisee"}, ${moment_words(one.at)}: `), `${one.reason_label}.`,
      one.title ? ` About: ${one.title}.` : ""),
    one.text ? h("p", { class: "ss-comment" }, one.text) : null,
    one.answer
      ? h("p", null, h("strong", null, `Answer of ${one.answer.by_label || "the supervisor"}, ${moment_words(one.answer.at)}: `),
        `${one.answer.outcome_label}. ${one.answer.text}`)
      : null);
}

function reply_form(context, review, reply, { criteria, done, words }) {
  know(context, review, "reply", reply.revision);
  return event_form(context, {
    title: reply.rounds.length ? "Reply again" : "Your reply",
    heading: "h3",
    name: `reply|${review}`,
    fields: {
      reason: choice("What do you want to say?", reply.reasons),
      ...(criteria.length
        ? { criterion: control("About which criterion? (optional)", select(criteria.map(({ ref, title }) => ({ code: ref, label: title })), { empty: "The review as a whole" })) }
        : {}),
      text: text_field(context, ["replied", "text"], { label: "In your own words", about: "Reply", rows: 4, hint: "Needed unless you agree. It stays on the record as you wrote it.", words }),
    },
    submit: "Send the reply",
    check: ({ reason, text }) => ({
      ...(reason ? {} : { reason: "Choose one." }),
      ...(reason && reason !== "agree" && !text.trim() ? { text: "Say what you want to be looked at again." } : {}),
    }),
    event: ({ reason, criterion, text }) => ({
      kind: "replied", review, subject: "reply", data: { reason, text: text.trim(), criterion: criterion || null },
    }),
    done,
  });
}

function answer_form(context, review, reply, { done, words }) {
  know(context, review, "reply_answer", reply.answer_revision);
  return event_form(context, {
    title: "Answer the reply",
    heading: "h3",
    name: `answer|${review}`,
    fields: {
      outcome: choice("What came of it?", reply.outcomes),
      text: text_field(context, ["reply_answered", "text"], { label: "Why", about: "Answer to the reply", rows: 3, hint: "The supervisee reads this.", words }),
    },
    submit: "Send the answer",
    check: ({ outcome, text }) => ({
      ...(outcome ? {} : { outcome: "Choose one." }),
      ...(text.trim() ? {} : { text: "Say what came of the reply, and why." }),
    }),
    event: ({ outcome, text }) => ({ kind: "reply_answered", review, subject: "reply_answer", data: { outcome, text: text.trim() } }),
    done,
  });
}
