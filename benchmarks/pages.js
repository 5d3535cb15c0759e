/* In the page: counts what moves by itself, and takes the time from a press until something on the page has changed. */

const shifts = [];
const KINDS = { childList: true, characterData: true, subtree: true };
let pressed = Infinity, first = null, last = performance.now(), answer = null;

new PerformanceObserver((list) => {
  for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) shifts.push(value);
}).observe({ type: "layout-shift", buffered: true });

const observer = new MutationObserver(() => {
  last = performance.now();
  if (last < pressed || first !== null) return;
  first = last - pressed;
  answer?.(first);
});
observer.observe(document, KINDS);

const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (options) { // components draw in roots of their own
  const root = attach.call(this, options);
  observer.observe(root, KINDS);
  return root;
};

document.addEventListener("click", ({ timeStamp }) => {
  pressed = timeStamp;
  first = null;
}, true);

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

globalThis.seamlensPages = {
  shift: () => shifts.reduce((sum, value) => sum + value, 0),
  changed: () => (first === null ? new Promise((resolve) => { answer = resolve; }) : first),
  async headed(words) {
    while (document.querySelector("h1")?.innerText !== words) await frame();
    return performance.now() - pressed;
  },
  async rest(quiet, longest) {
    const begun = performance.now();
    while (performance.now() - Math.max(last, begun) < quiet && performance.now() - begun < longest) await frame();
  },
};
