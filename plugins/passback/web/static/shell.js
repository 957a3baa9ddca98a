// What all pages share: say a result aloud, and write to our API.
"use strict";
const passback = {
  // Shows a message in the live region; kind is "good" or "bad".
  say(text, kind = "good") {
    const said = document.getElementById("said");
    window.clearTimeout(passback.hiding);
    said.textContent = "";
    said.dataset.kind = kind;
    window.setTimeout(() => { said.textContent = text; }, 30);
    passback.hiding = window.setTimeout(() => { said.textContent = ""; }, kind === "bad" ? 30000 : 12000);
  },
  hiding: 0,

  // POSTs JSON to a relative address; answers {ok, status, body}, and says what went wrong.
  async write(address, wanted) {
    try {
      const answer = await fetch(address, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify(wanted),
        credentials: "same-origin",
      });
      const body = await answer.json().catch(() => ({}));
      if (!answer.ok) {
        passback.say(typeof body.detail === "string" ? body.detail : `That did not work (${answer.status}).`, "bad");
      }
      return { ok: answer.ok, status: answer.status, body };
    } catch {
      passback.say("Airflow does not answer. Try again.", "bad");
      return { ok: false, status: 0, body: {} };
    }
  },
};
