// The QR code on the wall, drawn from the server's squares. Who scans it comes to the page for joining with the code in it.

import { h, set_children } from "./dom.js";
import { spaced } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * Returns a figure that fills itself; where the squares cannot be had it stays empty, and the words beside it are enough.
 * @param {any} api @param {string} path of the squares
 * @param {{place: string, code: string, bare: boolean}} to `bare`: the place is the server's own root, which leads on
 */
export function squares(api, path, { place, code, bare }) {
  const figure = h("figure", { class: "cal-squares" });
  const words = `QR code: opens ${place} with the code ${spaced(code)}`;
  api.get(`${path}?at=${encodeURIComponent(bare ? `${place}/` : place)}`).then(
    (found) => set_children(figure, drawing(found, words), h("figcaption", null, "or scan this")),
    () => {},
  );
  return figure;
}

function drawing({ size, path }, words) {
  const svg = document.createElementNS(SVG, "svg");
  const parts = { viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": words, "shape-rendering": "crispEdges" };
  for (const [name, value] of Object.entries(parts)) svg.setAttribute(name, value);
  const white = document.createElementNS(SVG, "rect");
  for (const [name, value] of Object.entries({ width: size, height: size, fill: "#fff" })) white.setAttribute(name, String(value));
  const black = document.createElementNS(SVG, "path");
  for (const [name, value] of Object.entries({ d: path, fill: "#000" })) black.setAttribute(name, value);
  svg.append(white, black);
  return svg;
}
