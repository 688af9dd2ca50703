// Files are sent ahead of their form: several at once, in pieces, going on after a lost
// connection. The form then carries their tokens. Without this script, or where nothing
// can be begun, the field stays a plain one and the file comes with the form.
(() => {
  const AT_ONCE = 3, MOST = 5, FIRST = 1000, LONGEST = 30000, CHECK = 1000;
  const STOPPED = { stopped: true };
  const items = [];
  const busy = (item) => ["queued", "sending", "waiting", "checking"].includes(item.state);
  const csrf = () => document.querySelector("form [name=csrfmiddlewaretoken]").value;
  const size = (bytes) => {
    const units = ["B", "KB", "MB", "GB"];
    let at = 0;
    for (; bytes >= 1024 && at < 3; at += 1) bytes /= 1024;
    return `${at ? bytes.toFixed(1) : bytes} ${units[at]}`;
  };
  const wrong = (status, message) => Object.assign(new Error(message), { status });

  // -- requests ------------------------------------------------------------------
  const call = async (url, method = "GET", body = undefined) => {
    const answer = await fetch(url, { method, body: body && JSON.stringify(body),
      headers: { "X-CSRFToken": csrf(), Accept: "application/json" } });
    if (answer.redirected) throw wrong(401, "");  // to the sign-in page
    if (!(answer.headers.get("Content-Type") || "").includes("json")) {
      throw wrong(answer.status === 403 ? 401 : answer.status, "");
    }
    const facts = await answer.json();
    if (!answer.ok) throw wrong(answer.status, facts.message);
    return { ...facts, status: answer.status };
  };
  // Who signed in again has another token; throws where nobody did.
  const renew = async () => {
    const answer = await fetch(location.href);
    if (answer.redirected) throw wrong(401, "");
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector("form [name=csrfmiddlewaretoken]")?.value;
    document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((input) => {
      if (token) input.value = token;
    });
  };
  // One piece, with its progress; `before` bytes of the file were there already.
  const send = (item, method, url, body, headers, before) => new Promise((done, failed) => {
    const request = item.request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => item.progress(before + event.loaded);
    request.onload = () => (request.status >= 200 && request.status < 300
      ? done() : failed(Object.assign(wrong(request.status, ""), { piece: true })));
    request.onerror = () => failed(wrong(0, ""));
    request.onabort = () => failed(STOPPED);
    request.send(body);
  });

  // -- one file --------------------------------------------------------------------
  class Item {
    constructor(zone, file, facts) {
      Object.assign(this, { zone, file, name: facts.name, size: facts.size, token: facts.token,
        url: facts.url, state: "queued" });
      this.row = zone.box.querySelector("template").content.firstElementChild.cloneNode(true);
      this.part("name").textContent = this.name;
      this.part("size").textContent = size(this.size);
      this.row.querySelector("progress").setAttribute("aria-label", this.name);
      for (const word of this.row.querySelectorAll("[data-part=of]")) {
        word.textContent = `: ${this.name}`;
      }
      this.row.addEventListener("click", (event) => {
        const button = event.target.closest("[data-do]");
        if (button) this[button.dataset.do]();
      });
      zone.list.append(this.row);
      items.push(this);
    }
    part(name) { return this.row.querySelector(`[data-part=${name}]`); }
    get store() {
      const { name, size: bytes, lastModified } = this.file;
      return `upload:${this.zone.purpose}:${name}:${bytes}:${lastModified}`;
    }
    show(state, text = this.zone.box.dataset[state] || "") {
      const held = document.activeElement;
      this.state = this.row.dataset.state = state;
      const line = this.part("state");
      if (line.textContent !== text) line.textContent = text;
      this.row.classList.toggle("upload-failed", state === "failed");
      this.row.querySelector("[data-do=pause]").hidden = !["queued", "sending", "waiting"].includes(state);
      const go = this.row.querySelector("[data-do=go]");
      go.hidden = !(this.file && ["paused", "failed"].includes(state) && !this.final);
      if (held?.hidden && this.row.contains(held)) {
        this.row.querySelector("button:not([hidden])").focus();
      }
      settle();
    }
    progress(bytes) {
      const share = Math.min(100, Math.floor((100 * bytes) / Math.max(1, this.size)));
      this.row.querySelector("progress").value = share;
      this.part("done").textContent = `${share} %`;
    }
    pause() { this.show("paused"); this.request?.abort(); this.wake?.(); }
    go() {
      if (busy(this)) return;
      this.show("queued");
      const ready = this.outside ? renew() : Promise.resolve();
      this.outside = false;
      ready.catch(() => { this.outside = true; }).then(next);
    }
    remove() {
      this.state = "removed";
      this.request?.abort();
      this.wake?.();
      if (this.url) call(this.url, "DELETE").catch(() => {});
      if (this.stored || this.file) localStorage.removeItem(this.stored || this.store);
      this.row.remove();
      items.splice(items.indexOf(this), 1);
      this.zone.input.focus();
      settle();
      next();
    }
    done() {
      this.progress(this.size);
      const hidden = document.createElement("input");
      Object.assign(hidden, { type: "hidden", name: this.zone.box.dataset.name, value: this.token });
      this.row.append(hidden);
      this.show("done");
    }
    // Send what is missing until all is there; a lost connection is waited for.
    async run() {
      let pause = FIRST, failures = 0;
      while (busy(this)) {
        try {
          await this.forward(() => { pause = FIRST; failures = 0; });
          return;
        } catch (error) {
          if (error === STOPPED || !busy(this)) return;
          const lost = error instanceof TypeError || error.status === 0 || error.status === 409
            || error.status >= 500
            || (error.piece && (failures += 1) < MOST);  // its address grew old
          if (error.status === 404 && this.token && !this.renewed) {
            this.renewed = true;  // thrown away meanwhile: from the beginning
            this.token = null;
            localStorage.removeItem(this.store);
          } else if (error.status === 401) {
            this.outside = true;
            this.show("failed", this.zone.box.dataset.signedOut);
            return;
          } else if (!lost) {
            this.final = !error.piece && [403, 422].includes(error.status);
            if (this.final) localStorage.removeItem(this.store);
            this.show("failed", error.message || this.zone.box.dataset.failed);
            return;
          } else {
            if (error.status !== 409) this.show("waiting");
            await this.rest(pause);
            pause = Math.min(2 * pause, LONGEST);
          }
        }
      }
    }
    rest(pause) {
      return new Promise((wake) => {
        this.wake = wake;
        window.addEventListener("online", wake, { once: true });
        if (navigator.onLine) setTimeout(wake, pause);
      });
    }
    async forward(went) {
      if (!this.token) {
        const begun = await call(this.zone.box.dataset.begin, "POST",
          { purpose: this.zone.purpose, name: this.name, size: this.size });
        Object.assign(this, { token: begun.token, url: begun.url });
        localStorage.setItem(this.store, JSON.stringify({ token: begun.token, url: begun.url }));
      }
      if (!busy(this)) return;
      this.show("sending");
      let facts = await call(this.url);
      if (facts.state === "BEGUN") await this.pieces(facts, went);
      while (busy(this) && ["BEGUN", "CHECKING"].includes(facts.state)) {
        this.show("checking");
        facts = await call(`${this.url}complete/`, "POST");
        if (facts.status === 202) await new Promise((wake) => { setTimeout(wake, CHECK); });
      }
      if (!busy(this)) return;
      if (facts.state !== "READY") throw wrong(404, "");
      this.done();
    }
    async pieces(facts, went) {
      const { kind, part_size: length } = facts;
      this.progress(facts.received);
      if (kind === "post") {
        if (facts.received === this.size) return;
        const form = new FormData();
        for (const [name, value] of Object.entries(facts.fields)) form.set(name, value);
        form.set("file", this.file);
        await send(this, "POST", facts.action, form, {}, 0);
        return;
      }
      let there = facts.received;
      for (let from = 0, number = 1; from < this.size; from += length, number += 1) {
        const piece = this.file.slice(from, Math.min(from + length, this.size));
        if (kind === "parts" && !facts.parts.includes(number)) {
          const part = await call(`${this.url}parts/${number}/`);
          if (!busy(this)) throw STOPPED;
          await send(this, "PUT", part.url, piece, {}, there);
          there += piece.size;
        } else if (kind === "own" && from + piece.size > there) {
          await send(this, "PUT", this.url, this.file.slice(there, from + piece.size),
            { "X-CSRFToken": csrf(), "Upload-Offset": String(there),
              "Content-Type": "application/octet-stream" }, there);
          there = from + piece.size;
        }
        went();
        if (!busy(this)) throw STOPPED;
      }
    }
  }
  const next = () => {
    const running = items.filter((item) => item.running).length;
    for (const item of items.filter((i) => i.state === "queued" && !i.running)
      .slice(0, Math.max(0, AT_ONCE - running))) {
      item.running = true;
      item.run().finally(() => { item.running = false; settle(); next(); });
    }
  };

  // -- one field ---------------------------------------------------------------------
  class Zone {
    constructor(box) {
      this.box = box;
      this.purpose = box.dataset.purpose;
      this.input = document.getElementById(box.dataset.uploadFor);
      this.list = box.querySelector("[data-upload-list]");
      this.multiple = "multiple" in box.dataset;
      const drop = box.querySelector("[data-upload-drop]");
      drop.append(this.input);
      drop.querySelector(".upload-words").hidden = false;
      box.classList.add("upload-on");
      this.input.addEventListener("change", () => {
        const files = [...this.input.files];
        this.input.value = "";
        this.take(files);
      });
      const over = (on) => (event) => {
        event.preventDefault();
        drop.classList.toggle("upload-over", on);
      };
      drop.addEventListener("dragover", over(true));
      drop.addEventListener("dragleave", over(false));
      drop.addEventListener("drop", (event) => {
        over(false)(event);
        this.take([...event.dataTransfer.files]);
      });
      for (const kept of [...this.list.querySelectorAll("[data-token]")]) {
        const { token, url, file: name, size: bytes } = kept.dataset;
        kept.remove();
        new Item(this, null, { token, url, name, size: Number(bytes) }).done();
      }
      this.goOn();
    }
    take(files) {
      for (const file of this.multiple ? files : files.slice(0, 1)) {
        const earlier = items.filter((item) => item.zone === this
          && (!this.multiple || item.stored === storeOf(this, file)));
        const kept = JSON.parse(localStorage.getItem(storeOf(this, file)) || "null");
        for (const item of earlier) {
          if (item.token === kept?.token) item.url = null;  // it goes on
          item.remove();
        }
        if (kept) localStorage.setItem(storeOf(this, file), JSON.stringify(kept));
        const item = new Item(this, file, { name: file.name, size: file.size, ...kept });
        if (file.size > Number(this.box.dataset.most)) {
          item.final = true;
          item.show("failed", this.box.dataset.tooLarge);
        } else {
          item.show("queued");
        }
      }
      next();
    }
    // What was broken off before the page was left: the file must be chosen again.
    async goOn() {
      const mine = `upload:${this.purpose}:`;
      for (const stored of Object.keys(localStorage).filter((key) => key.startsWith(mine))) {
        const { token, url } = JSON.parse(localStorage.getItem(stored));
        if (items.some((item) => item.token === token)) continue;
        try {
          const facts = await call(url);
          if (items.some((item) => item.token === token)) continue;
          if (!["BEGUN", "CHECKING", "READY"].includes(facts.state)) throw wrong(404, "");
          if (!this.multiple && items.some((item) => item.zone === this)) continue;
          const item = Object.assign(new Item(this, null, facts), { stored });
          if (facts.state === "READY") {
            item.done();
          } else {
            item.progress(facts.received || 0);
            item.show("broken");
          }
        } catch (error) {
          if (error.status === 404) localStorage.removeItem(stored);
        }
      }
    }
  }
  const storeOf = (zone, file) => `upload:${zone.purpose}:${file.name}:${file.size}:${file.lastModified}`;

  // -- the form waits for its files -----------------------------------------------------
  let held = null;
  const say = (word) => document.querySelectorAll("[data-upload]").forEach((box) => {
    const line = box.querySelector("[data-upload-say]");
    const mine = items.some((item) => item.zone.box === box && item.state !== "done");
    line.hidden = !(word && mine);
    line.textContent = line.hidden ? "" : box.dataset[word];
  });
  const settle = () => {
    if (!held || items.some(busy)) return;
    const { form, submitter } = held;
    held = null;
    if (items.every((item) => item.state === "done")) {
      form.requestSubmit(submitter);
    } else {
      form.removeAttribute("aria-busy");
      say("stuck");
    }
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const mine = items.filter((item) => form.contains(item.row));
    const drafting = event.submitter?.name === "save";
    if (drafting || mine.every((item) => item.state === "done")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (mine.some(busy)) {
      held = { form, submitter: event.submitter };
      form.setAttribute("aria-busy", "true");
      say("hold");
    } else {
      say("stuck");
    }
  }, true);

  document.querySelectorAll("[data-upload]").forEach((box) => new Zone(box));
})();
