// The trainer's page: choosing what the group scores, and then taking the session through its steps.

import { h } from "./dom.js";
import { create_frame, page_of, turn_to } from "./parts.js";
import { show_lobby } from "./trainer_lobby.js";
import { create_session } from "./trainer_session.js";

const page = page_of();
const frame = create_frame("trainer");

async function lobby() {
  try {
    show_lobby(page, frame, await page.api.get("api/lobby"));
  } catch (error) {
    turn_to(frame, "Trainer", h("h1", null, "Calibration"), h("p", { role: "alert" }, error.message),
      h("p", null, h("a", { class: "sf-button", href: document.location.href }, "Try again")));
  }
}

if (page.session) create_session(page, frame);
else lobby();
