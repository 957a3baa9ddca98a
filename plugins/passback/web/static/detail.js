// The detail pages: Sync, opt-outs, and links that lead into Airflow's own pages around ours.
"use strict";
(() => {
  const REFRESH = 3000;
  const SAID = "passback-said";
  const status = document.querySelector('[data-testid="item-status"]');

  // Reads the page again; what is said then stands beside what has changed.
  function reload(message) {
    window.sessionStorage.setItem(SAID, message);
    window.location.reload();
  }

  // As long as the item is queued, asks what has become of it.
  async function follow() {
    if (status?.dataset.status !== "queued") { return; }
    try {
      const answer = document.hidden ? null : await fetch(window.location.href, { credentials: "same-origin", headers: { Accept: "text/html" } });
      if (answer?.ok) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector('[data-testid="item-status"]');
        if (fresh && fresh.dataset.status !== "queued") {
          reload(`${document.querySelector("h1").textContent}: ${fresh.textContent}`);
          return;
        }
      }
    } catch {
      // Airflow does not answer just now: the next turn asks again.
    }
    window.setTimeout(follow, REFRESH);
  }

  async function sync(button) {
    if (button.getAttribute("aria-disabled") === "true") { return; }
    button.setAttribute("aria-disabled", "true");
    const { ok, body } = await passback.write("api/sync", JSON.parse(button.dataset.sync));
    button.removeAttribute("aria-disabled");
    if (ok) { reload(body.message); }
  }

  async function optOut(button, key, out) {
    if (button.getAttribute("aria-disabled") === "true") { return; }
    button.setAttribute("aria-disabled", "true");
    const { ok, body } = await passback.write("api/opt-out", { ...key, opted_out: out });
    button.removeAttribute("aria-disabled");
    if (ok) { reload(body.message); }
  }

  function named(form) {
    const given = new FormData(form);
    const section = given.get("section_dcid");
    return section ? { section_dcid: Number(section) } : { source: given.get("source"), source_item_id: given.get("source_item_id").trim() };
  }

  // Airflow shows us in a frame that may not move the page around it: a link made in that page may.
  function leave(event, link) {
    if (window.top === window || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    event.preventDefault();
    const around = window.top.document;
    const outside = around.createElement("a");
    outside.href = link.href;
    around.body.append(outside);
    outside.click();
    outside.remove();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.sync) { sync(button); }
    if (button?.dataset.optOut) { optOut(button, JSON.parse(button.dataset.optOut), button.getAttribute("aria-checked") !== "true"); }
    const link = event.target.closest('a[target="_top"]');
    if (link) { leave(event, link); }
  });
  document.querySelectorAll("[data-opt-out-form]").forEach((form) => {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      optOut(form.querySelector("button"), named(form), true);
    });
  });

  const said = window.sessionStorage.getItem(SAID);
  if (said) {
    window.sessionStorage.removeItem(SAID);
    passback.say(said);
  }
  window.setTimeout(follow, REFRESH);
})();
