// What is typed is kept on the server within seconds, shared with colleagues:
// a save sends only the fields that were changed and what the page knew of them.
// Nothing of somebody else's is overwritten; the server says what to choose from.
(() => {
  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const url = form.dataset.autosave;
  const note = document.getElementById("saved-note");
  const store = `draft:${url}`;
  const OURS = new Set(["csrfmiddlewaretoken", "version", "token", "save", "from_draft"]);
  const ours = (name) => OURS.has(name) || name.startsWith("draft_");
  const PAUSE = 1000, LEFT = 250, LONGEST = 5000, PULSE = 8000;

  // -- fields: a table is one field, whatever rows it has -----------------------
  const fieldOf = (name) => (/^(.+?)-\d+-/.exec(name) || [null, name])[1];
  const fields = () => {
    const names = [...form.elements].filter((e) => e.name && e.type !== "file")
      .map((e) => fieldOf(e.name)).filter((name) => !ours(name));
    form.querySelectorAll("[data-rows]").forEach((t) => names.push(t.dataset.rows));
    return [...new Set(names)];
  };
  // What stands in each field now; the form is read once for all of them.
  const entries = () => {
    const found = new Map(fields().map((field) => [field, []]));
    for (const [name, value] of new FormData(form)) {
      if (!(value instanceof File)) found.get(fieldOf(name))?.push([name, value]);
    }
    return found;
  };
  const entriesOf = (field) => entries().get(field) || [];
  const snapshot = () => new Map([...entries()].map(([f, now]) => [f, JSON.stringify(now)]));
  let saved = snapshot();
  const dirty = () => [...snapshot()].filter(([f, now]) => saved.get(f) !== now)
    .map(([f]) => f);

  // -- saving ----------------------------------------------------------------------
  const seen = {};
  const own = { page: `${Date.now()}-${Math.random()}`.slice(0, 40), turn: 0 };
  let busy = false, again = false, retried = false, leaving = false, timer = null, since = 0;
  const say = (text) => { if (note.textContent !== text) note.textContent = text; };
  const hidden = (name) => form.elements[name]?.value || "";
  const bodyOf = (names) => {
    const body = new FormData();
    for (const name of ["csrfmiddlewaretoken", "draft_base", "draft_topic", "draft_label"]) {
      body.set(name, hidden(name));
    }
    body.set("draft_seen", JSON.stringify(seen));
    body.set("draft_page", own.page);
    body.set("draft_turn", String((own.turn += 1)));
    body.set("draft_fields", names.join(" "));
    if (!names.length) body.set("draft_heartbeat", "1");
    const now = entries();
    for (const field of names) {
      for (const [name, value] of now.get(field) || []) body.append(name, value);
    }
    return body;
  };
  // A sign-in changes the form's token: read it anew; false when signed out.
  const newToken = async () => {
    const answer = await fetch(location.href);
    if (answer.url.includes("/login/")) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector("form[data-autosave] [name=csrfmiddlewaretoken]");
    if (token) form.elements.csrfmiddlewaretoken.value = token.value;
    return true;
  };
  const signedOut = (out) => {
    if (out) {
      form.dataset.signedOut = "1";
      say(note.dataset.signedOut);
    } else {
      delete form.dataset.signedOut;
    }
    document.getElementById("sign-in-again")?.classList.toggle("d-none", !out);
  };
  const save = async (keepalive = false) => {
    if (leaving) return;  // the form itself is on its way
    if (busy && !keepalive) { again = true; return; }
    busy = true;
    clearTimeout(timer);
    since = 0;
    const names = dirty();
    const sent = snapshot();
    try {
      const answer = await fetch(url, { method: "POST", body: bodyOf(names),
        headers: { Accept: "application/json" }, keepalive });
      const type = answer.headers.get("Content-Type") || "";
      if (answer.redirected && answer.url.includes("/login/")) {
        signedOut(true);
      } else if (answer.status === 403) {
        const inside = await newToken();
        signedOut(!inside);
        if (inside && !retried) {
          again = retried = true;
        } else if (inside) {
          say(note.dataset.failed);
        }
      } else if (answer.ok && type.includes("json")) {
        retried = false;
        signedOut(false);
        answered(await answer.json(), names, sent);
      } else {
        say(answer.status === 413 ? note.dataset.large : note.dataset.failed);
      }
    } catch {
      say(note.dataset.failed);
    }
    busy = false;
    if (again) { again = false; save(); }
  };
  const answered = (answer, names, sent) => {
    for (const field of names) {
      saved.set(field, sent.get(field));
      if (!answer.conflicts.includes(field)) seen[field] = answer.revision;
    }
    if (names.length) say(answer.conflicts.length ? note.dataset.conflict : note.dataset.saved);
    put("rivals", answer.rivals);
    put("checks", answer.checks);
    const editors = document.getElementById("editors");
    if (editors) {
      const text = answer.editors.join(" ");
      if (editors.textContent !== text) editors.textContent = text;
    }
    for (const [field, change] of Object.entries(answer.changed)) others(field, change);
  };
  const put = (id, html) => {
    const box = document.getElementById(id);
    if (!box || box.dataset.html === html) return;
    box.dataset.html = html;
    box.innerHTML = html;
  };

  // -- what colleagues saved meanwhile ------------------------------------------------
  const others = (field, change) => {
    const inputs = [...form.elements].filter((e) => e.name === field);
    if (dirty().includes(field)) return;  // the next save shows both texts
    const one = inputs.length === 1 && typeof change.value !== "object";
    if (one && inputs[0].type !== "file") {
      if (inputs[0].type === "checkbox") inputs[0].checked = change.value === true;
      else inputs[0].value = change.value;
      seen[field] = change.revision;
      saved.set(field, JSON.stringify(entriesOf(field)));
    } else if (!fields().includes(field)) {
      return;
    }
    const box = document.getElementById("changes");
    const line = `${change.label} (${change.by})`;
    if (box && ![...box.children].some((item) => item.textContent === line)) {
      const item = document.createElement("li");
      item.textContent = line;
      box.append(item);
      box.parentElement.classList.remove("d-none");
    }
  };

  // -- when -----------------------------------------------------------------------
  form.addEventListener("input", () => {
    since = since || Date.now();
    clearTimeout(timer);
    timer = setTimeout(save, Math.max(0, Math.min(PAUSE, since + LONGEST - Date.now())));
  });
  form.addEventListener("focusout", () => {
    if (!since) return;  // nothing was typed since the last save
    clearTimeout(timer);
    timer = setTimeout(save, LEFT);
  });
  setInterval(() => { if (!document.hidden || dirty().length) save(); }, PULSE);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && dirty().length) save(true);
  });
  window.addEventListener("pagehide", () => { if (dirty().length) save(true); });
  window.addEventListener("pageshow", () => { leaving = false; });
  form.addEventListener("submit", (event) => {
    if (form.dataset.signedOut) {
      event.preventDefault();
      delete form.dataset.sent;
      say(note.dataset.signedOut);
      return;
    }
    leaving = true;
    clearTimeout(timer);
    const names = dirty();
    if (form.elements.draft_seen) form.elements.draft_seen.value = JSON.stringify(seen);
    if (form.elements.draft_fields) form.elements.draft_fields.value = names.join(" ") || "-";
    if (form.elements.draft_page) form.elements.draft_page.value = own.page;
    if (form.elements.draft_turn) form.elements.draft_turn.value = String((own.turn += 1));
    const now = entries();
    const pending = names.flatMap((field) => now.get(field) || []);
    sessionStorage.setItem(store, JSON.stringify({ names, pending, base: hidden("draft_base"), seen }));
  });

  // -- back from signing in: what was sent into an ended session --------------------------
  const pending = sessionStorage.getItem(store);
  sessionStorage.removeItem(store);
  if (pending && document.referrer.includes("/login/")) {
    const kept = JSON.parse(pending);
    const body = new FormData();
    body.set("csrfmiddlewaretoken", hidden("csrfmiddlewaretoken"));
    body.set("draft_base", kept.base);
    body.set("draft_seen", JSON.stringify(kept.seen));
    body.set("draft_fields", kept.names.join(" "));
    for (const [name, value] of kept.pending) body.append(name, value);
    if (kept.names.length) {
      fetch(url, { method: "POST", body, headers: { Accept: "application/json" } })
        .then((answer) => { if (answer.ok) location.reload(); });
    }
  }
  save();
})();
