// Small, safe changes to the page: text only, attributes only.

/**
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement}
 */
export function find(root, selector) {
  const element = root.querySelector(selector);
  if (!element) throw new Error(`missing ${selector}`);
  return /** @type {HTMLElement} */ (element);
}

/**
 * Set the text of every `[data-slot=name]` below root; unchanged text is not touched.
 * @param {ParentNode} root
 * @param {string} name
 * @param {string} text
 */
export function fill(root, name, text) {
  for (const slot of root.querySelectorAll(`[data-slot="${name}"]`)) setText(slot, text);
}

/**
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Exchange the picture of the first icon in an element.
 * @param {Element} element
 * @param {string} name icon of the sprite
 */
export function setIcon(element, name) {
  const use = element.querySelector("use");
  const href = use?.getAttribute("href");
  if (!use || !href) return;
  const wanted = `${href.split("#")[0]}#${name}`;
  if (href !== wanted) use.setAttribute("href", wanted);
}

/**
 * Open or close a button. A closed one stays focusable; its reason stands beside it.
 * @param {Element} button
 * @param {string | null} why reason in words, or null when the button is open
 */
export function setOpen(button, why) {
  if (why === null) button.removeAttribute("aria-disabled");
  else button.setAttribute("aria-disabled", "true");
  if (why) button.setAttribute("aria-description", why);
  else button.removeAttribute("aria-description");
  const line = reasonLine(button);
  if (!line) return;
  line.hidden = !why;
  setText(find(line, "span"), why ?? "");
}

/** @param {Element} button */
export function isOpen(button) {
  return button.getAttribute("aria-disabled") !== "true";
}

/**
 * @param {Element} button
 * @returns {HTMLElement | null}
 */
function reasonLine(button) {
  const own = button.getAttribute("data-action");
  const near = button.closest(".k-stack");
  return (
    near?.querySelector(`[data-why="${own}"]`) ?? near?.querySelector('[data-why=""]') ?? null
  );
}

const CHECK_ICONS = { ok: "ok", bad: "bad", warn: "warn", idle: "todo", info: "wait" };

/**
 * Write one line of a checklist.
 * @param {ParentNode} root
 * @param {string} name value of data-check
 * @param {{tone: "ok"|"bad"|"warn"|"idle"|"info", what?: string, fix?: string, state?: string}} line
 */
export function setCheck(root, name, { tone, what, fix = "", state }) {
  const item = root.querySelector(`[data-check="${name}"]`);
  if (!item) return;
  item.setAttribute("data-tone", tone);
  setIcon(item, CHECK_ICONS[tone]);
  if (what !== undefined) setText(find(item, "[data-what]"), what);
  if (state !== undefined) setText(find(item, "[data-state]"), state);
  const mend = /** @type {HTMLElement | null} */ (item.querySelector("[data-fix]"));
  if (!mend) return;
  mend.hidden = !fix;
  setText(mend, fix);
}

/**
 * Write a badge: tone, icon, word.
 * @param {Element} badge
 * @param {string} tone
 * @param {string} icon
 * @param {string} word
 */
export function setBadge(badge, tone, icon, word) {
  badge.setAttribute("data-tone", tone);
  setIcon(badge, icon);
  setText(find(badge, ":scope > span"), word);
}

/**
 * Offer a blob as a file.
 * @param {Blob} blob
 * @param {string} name
 */
export function saveFile(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
