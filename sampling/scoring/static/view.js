// What a person can see at this moment. A level may only be given by a key while its anchors are on the screen.

/** The part of the window in which an element can be seen at all: the window, cut by whatever scrolls around it. */
function frame_of(element, scroller) {
  let top = 0;
  let bottom = window.innerHeight;
  for (let around = element.parentElement; around; around = around.parentElement) {
    const clips = around === scroller || /(auto|scroll|hidden|clip)/.test(getComputedStyle(around).overflowY);
    if (!clips || around.scrollHeight <= around.clientHeight + 1) continue;
    const box = around.getBoundingClientRect();
    top = Math.max(top, box.top);
    bottom = Math.min(bottom, box.bottom);
  }
  return { top, bottom };
}

/**
 * Tells whether an element is on the screen: half of it at least, or as much of it as half the place there is.
 *
 * Asked at the very moment of the key. An IntersectionObserver tells it only with the next frame, which would refuse the second of two
 * quick keys although its levels are in view.
 */
export function is_in_view(element, scroller) {
  const box = element.getBoundingClientRect();
  if (box.height === 0) return false;
  const { top, bottom } = frame_of(element, scroller);
  const seen = Math.min(box.bottom, bottom) - Math.max(box.top, top);
  return seen >= Math.min(box.height, bottom - top) / 2;
}

/** Brings an element into view: in its own scrolling place where there is one, else on the page. */
export function reveal_in(scroller, element) {
  if (scroller.scrollHeight > scroller.clientHeight + 1 && getComputedStyle(scroller).overflowY !== "visible") {
    const [box, frame] = [element.getBoundingClientRect(), scroller.getBoundingClientRect()];
    const fits = box.height <= frame.height;
    if (box.top < frame.top || !fits) scroller.scrollTop += box.top - frame.top;
    else if (box.bottom > frame.bottom) scroller.scrollTop += box.bottom - frame.bottom;
    const now = scroller.getBoundingClientRect();
    if (now.top >= 0 && now.bottom <= window.innerHeight) return;
  }
  element.scrollIntoView({ block: element.getBoundingClientRect().height > window.innerHeight ? "start" : "nearest" });
}
