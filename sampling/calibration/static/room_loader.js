// Shows the trainer's page inside a notebook, from the Jupyter server that the notebook belongs to.

const NO_SERVER = "This page has no Jupyter server beside it. Run in a terminal: sampling calibrate.";

function base_address() {
  const element = document.getElementById("jupyter-config-data");
  try {
    const base = element ? JSON.parse(element.textContent).baseUrl : document.body.dataset.baseUrl;
    return base ? new URL(base.endsWith("/") ? base : base + "/", document.location.origin).href : null;
  } catch {
    return null;
  }
}

function render({ model, el }) {
  const base = base_address();
  if (base === null) {
    el.textContent = NO_SERVER;
    return;
  }
  const address = new URL("calibrate/", base);
  address.searchParams.set("seat", model.get("seat"));
  const frame = document.createElement("iframe");
  frame.src = address.href;
  frame.title = "Calibration: the trainer's page";
  frame.width = "100%";
  frame.height = "800";
  const alone = document.createElement("a");
  alone.href = address.href;
  alone.target = "_blank";
  alone.rel = "noopener";
  alone.textContent = "Open the trainer's page in a tab of its own";
  const line = document.createElement("p");
  line.append(alone);
  el.append(line, frame);
}

export default { render };
