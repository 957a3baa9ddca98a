// The status log: Sync buttons, the panel of View error, and new rows every few seconds as long as something is queued.
"use strict";
(() => {
  const REFRESH = 3000;
  const log = document.getElementById("log");
  const panel = document.getElementById("problem");
  const content = document.getElementById("problem-content");
  let timer = 0;
  let opener = null;

  const waiting = () => Number(log.querySelector("[data-waiting]")?.dataset.waiting ?? 0);
  const statuses = () => new Map([...log.querySelectorAll("[data-item]")].map((row) => [row.dataset.item, row]));

  // Tells what has changed between two states of the rows.
  function announce(before, after) {
    const changed = [...after].filter(([key, row]) => before.has(key) && before.get(key).dataset.status !== row.dataset.status);
    if (changed.length === 0) { return; }
    const told = changed.slice(0, 3).map(([, row]) => `${row.dataset.title}: ${row.querySelector(".status").textContent}`);
    const more = changed.length > 3 ? ` And ${changed.length - 3} more.` : "";
    passback.say(`${told.join(". ")}.${more}`);
  }

  async function refresh() {
    window.clearTimeout(timer);
    try {
      const answer = await fetch(log.dataset.fragment, { credentials: "same-origin", headers: { Accept: "text/html" } });
      if (answer.status === 401 || answer.status === 403) {
        passback.say("You are no longer signed in: reload the page.", "bad");
        return;
      }
      if (answer.ok) { replace(await answer.text()); }
    } catch {
      // Airflow does not answer just now: the next turn asks again.
    }
    again();
  }

  // Puts the new rows in place and the focus back where it was.
  function replace(text) {
    const before = statuses();
    const focused = log.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined;
    const fresh = new DOMParser().parseFromString(text, "text/html");
    log.replaceChildren(...fresh.body.childNodes);
    if (focused) {
      [...log.querySelectorAll("[data-focus]")].find((element) => element.dataset.focus === focused)?.focus();
    }
    announce(before, statuses());
  }

  function again() {
    window.clearTimeout(timer);
    if (waiting() > 0) { timer = window.setTimeout(() => (document.hidden ? again() : refresh()), REFRESH); }
  }

  async function sync(button) {
    if (button.getAttribute("aria-disabled") === "true") { return; }
    button.setAttribute("aria-disabled", "true");
    const { ok, body } = await passback.write("api/sync", JSON.parse(button.dataset.sync));
    button.removeAttribute("aria-disabled");
    if (ok) {
      await refresh();
      passback.say(body.message);
    }
  }

  async function open(button) {
    try {
      const answer = await fetch(button.dataset.problem, { credentials: "same-origin", headers: { Accept: "text/html" } });
      if (!answer.ok) { throw new Error(String(answer.status)); }
      content.replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes);
      opener = button.dataset.focus;
      panel.showModal();
    } catch {
      passback.say("This cannot be shown now. Try again.", "bad");
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.sync) { sync(button); }
    if (button?.dataset.problem) { open(button); }
    if (button && "close" in button.dataset) { panel.close(); }
    if (event.target === panel) { panel.close(); }
  });
  panel.addEventListener("close", () => {
    [...log.querySelectorAll("[data-focus]")].find((element) => element.dataset.focus === opener)?.focus();
  });
  document.querySelector(".filter-bar").addEventListener("change", (event) => {
    if (event.target.tagName === "SELECT") { event.target.form.requestSubmit(); }
  });
  again();
})();
