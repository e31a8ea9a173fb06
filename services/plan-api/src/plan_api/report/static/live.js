// At news from the stream, reads the page again and changes what differs, save what somebody
// types in, has focused or unfolded: that waits until it is let go.
const teller = document.getElementById("live");
const { stream, said } = teller.dataset;
const here = document.getElementById("main");
const parts = (page) => [...page.querySelectorAll("#main, .banner p")];
const kept = "details[open], [role=status], [role=alert]";
const fields = "input:not([type=hidden]), textarea";
const typed = new Set(), codes = new Set();
let source, timer, busy, again, late, marked;

const held = (node) =>
  node.nodeType === 1 &&
  (node.matches(kept) || node.querySelector(kept)
    || [...typed, document.activeElement].some((one) => node.contains(one))
    || [...node.querySelectorAll(fields)].some((one) => one.value !== one.defaultValue));

const mark = (node) => {
  const one = (node.closest ? node : node.parentElement)
    .closest("form, td, th, p, h1, h2, h3, li, dd, article");
  if (here.contains(one) && one.tagName !== "FORM") marked.add(one);
};

// Nodes are the same by id or by what they link to, else as the nth of their kind.
const keyed = (parent) => {
  const count = {}, found = new Map();
  for (const node of parent.childNodes) {
    let name = node.nodeName;
    if (node.nodeType === 1) {
      const link = node.matches("li, tr, article") && node.querySelector("a[href]");
      name += node.id || node.getAttribute("aria-labelledby") || (link ? link.href : "");
    }
    count[name] = (count[name] || 0) + 1;
    found.set(name + "/" + count[name], node);
  }
  return found;
};

const change = (old, fresh) => {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== 1) {
    old.data = fresh.data;
    if (old.data.trim()) mark(old);
    return;
  }
  if (old.matches("form, " + kept) && held(old)) {
    late = true;
    return;
  }
  for (const name of new Set([...old.getAttributeNames(), ...fresh.getAttributeNames()])) {
    const value = fresh.getAttribute(name);
    if (name === "open" || old.getAttribute(name) === value) continue;
    if (value === null) old.removeAttribute(name);
    else old.setAttribute(name, value);
    mark(old);
  }
  const left = keyed(old);
  let place = old.firstChild;
  for (const [key, node] of keyed(fresh)) {
    const match = left.get(key);
    left.delete(key);
    if (!match) {
      const made = old.insertBefore(document.importNode(node, true), place);
      if (made.nodeType === 1) mark(made);
      continue;
    }
    if (match === place) place = place.nextSibling;
    else if (!held(match)) old.insertBefore(match, place);
    change(match, node);
  }
  for (const node of left.values()) held(node) ? (late = true) : node.remove();
};

// Whatever comes or goes above it, what is read stays where it is on the screen.
const steadily = (work) => {
  const seen = [document.activeElement, ...here.querySelectorAll("h2, h3, tr, li, p")]
    .filter((one) => here !== one && here.contains(one))
    .map((one) => [one, one.getBoundingClientRect().top])
    .filter(([, top]) => top >= 0 && top < innerHeight);
  work();
  const kept = seen.find(([one]) => one.isConnected);
  const moved = kept ? kept[0].getBoundingClientRect().top - kept[1] : 0;
  if (scrollY && moved) scrollBy({ top: moved, behavior: "instant" });
};

const show = () => {
  const colour = "color-mix(in srgb, var(--accent) 18%, transparent)";
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const frames = { backgroundColor: [colour, calm ? colour : "transparent"] };
  for (const one of marked) one.animate(frames, 3000);
  const few = [...codes].slice(0, 5).join(", ");
  if (marked.size && few) teller.textContent = said + few;
  codes.clear();
};

const refresh = async () => {
  again = busy;
  if (busy) return;
  busy = true;
  try {
    const answer = await fetch(location.href);
    const text = await answer.text();
    if (answer.ok && !answer.redirected) {
      const fresh = parts(new DOMParser().parseFromString(text, "text/html"));
      marked = new Set();
      late = false;
      steadily(() => parts(document).forEach((one, n) => change(one, fresh[n])));
      show();
    }
  } catch {
    late = true;
  }
  busy = false;
  if (again) refresh();
};

const heard = ({ data }) => {
  const { indicator } = JSON.parse(data);
  if (indicator) codes.add(indicator.split(":").pop());
  clearTimeout(timer);
  timer = setTimeout(refresh, 10);
};

const open = () => {
  source = new EventSource(stream);
  for (const name of ["result", "alert", "resync"]) source.addEventListener(name, heard);
  source.onerror = () => source.readyState === 2 && setTimeout(look, 10000);
};

// A browser opens six connections to a site: a page that nobody looks at gives its own back.
const look = () => {
  source.close();
  if (document.hidden) return;
  open();
  refresh();
};

open();
document.addEventListener("visibilitychange", look);
document.addEventListener("input", ({ target }) => typed.add(target));
for (const name of ["focusout", "toggle"])
  document.addEventListener(name, () => late && setTimeout(refresh, 200), true);
