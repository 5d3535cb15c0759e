/* Files on their way to the server, in pieces: what is there after a broken connection, or after the page was loaded anew, is not
 * sent again. The server knows how far each file is; this browser only remembers which files were on their way. */

const STARTED = "seamlens-uploads"; // unfinished files in localStorage
const BROWSER = "seamlens-browser";
const FIRST_WAIT = 1000, LONGEST_WAIT = 15000; // milliseconds between tries without a connection
const PATIENCE = 60000; // milliseconds without progress of a piece, after which the connection counts as lost

/** Return a size as it is read best. */
export function size(bytes) {
  if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** Return how long the rest takes in words, of bytes a second; nothing where that is not known. */
export function timeLeft(bytes, speed) {
  if (!speed || !bytes) return "";
  const seconds = bytes / speed;
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s left`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min left` : `${Math.round(seconds / 3600)} h left`;
}

/** Return why a file is not taken; nothing where it is. */
export function refusal(file, formats, others) {
  const ending = /\.[^.]*$/.exec(file.name)?.[0].toLowerCase() ?? "";
  if (!formats.includes(ending)) return `${file.name} is not one of ${formats.join(", ")}.`;
  if (!file.size) return `${file.name} is empty.`;
  return others.some((each) => each.print === print(file)) ? `${file.name} is in the list already.` : "";
}

/** Return what tells a file from others of this browser. */
export const print = (file) => [browser(), file.name, file.size, file.lastModified].join(":");

function browser() {
  try {
    if (!localStorage.getItem(BROWSER)) localStorage.setItem(BROWSER, Math.random().toString(36).slice(2));
    return localStorage.getItem(BROWSER);
  } catch {
    return "private"; // a browser that keeps nothing
  }
}

function started() {
  try {
    return JSON.parse(localStorage.getItem(STARTED)) ?? {};
  } catch {
    return {};
  }
}

function remember(change) {
  const all = started();
  change(all);
  try {
    localStorage.setItem(STARTED, JSON.stringify(all));
  } catch {
    // then it does not outlive the page
  }
}

const later = (time) => new Promise((resolve) => setTimeout(resolve, time));

function element(name, className, text = "") {
  const made = document.createElement(name);
  Object.assign(made, { className, textContent: text });
  return made;
}

/** One file on its way. `told` is called whenever there is something new to show. */
export class Sending {
  constructor(file, { address, formats, piece, label }, told) {
    Object.assign(this, { file, address, formats, piece, label, told, offset: 0, state: "waits", problem: "", print: print(file), name: file.name });
  }

  /** Send the file to its end, however often the connection breaks. */
  async run() {
    let wait = FIRST_WAIT;
    while (!["whole", "refused", "cancelled"].includes(this.state)) {
      try {
        await this.go();
      } catch (error) {
        if (this.state === "cancelled") return;
        if (error.final) this.become("refused", error.message);
        else {
          this.become("lost");
          await Promise.race([later(wait), new Promise((resolve) => addEventListener("online", resolve, { once: true }))]);
          wait = Math.min(2 * wait, LONGEST_WAIT);
        }
        continue;
      }
      wait = FIRST_WAIT;
    }
  }

  async go() {
    const begun = { name: this.file.name, size: this.file.size, fingerprint: this.print, formats: this.formats };
    this.take(await this.ask("POST", "", { body: JSON.stringify(begun), type: "application/json" }));
    remember((all) => (all[this.print] = { id: this.id, name: this.name, size: this.file.size, label: this.label }));
    while (this.state !== "whole") {
      if (this.state === "cancelled") return;
      this.become("runs");
      const body = this.file.slice(this.offset, this.offset + this.piece);
      this.take(await this.ask("PATCH", `/${this.id}`, { body, type: "application/offset+octet-stream", offset: this.offset }));
    }
  }

  take({ id, offset, whole, name }) {
    Object.assign(this, { id, offset, name });
    this.become(whole ? "whole" : "runs");
  }

  become(state, problem = "") {
    if (this.state === "cancelled") return;
    Object.assign(this, { state, problem });
    if (state === "refused") remember((all) => delete all[this.print]);
    this.told();
  }

  /** Ask the server; of a piece, `told` follows its progress. What cannot be mended by trying again is thrown as `final`. */
  ask(method, path, { body, type, offset }) {
    return new Promise((resolve, reject) => {
      const request = (this.request = new XMLHttpRequest());
      const lost = () => reject(new Error("lost"));
      let timer = setTimeout(() => request.abort(), PATIENCE);
      const from = this.offset, at = performance.now();
      request.open(method, this.address + path);
      request.setRequestHeader("Content-Type", type);
      if (offset !== undefined) {
        request.setRequestHeader("Upload-Offset", offset);
        request.upload.onprogress = ({ loaded }) => {
          clearTimeout(timer);
          timer = setTimeout(() => request.abort(), PATIENCE);
          this.offset = from + Math.min(loaded, body.size);
          const now = loaded / Math.max(0.05, (performance.now() - at) / 1000);
          this.speed = this.speed ? 0.8 * this.speed + 0.2 * now : now;
          this.told();
        };
      }
      request.onloadend = () => clearTimeout(timer);
      request.onerror = request.onabort = request.ontimeout = lost;
      request.onload = () => {
        let answer = {};
        try {
          answer = JSON.parse(request.responseText);
        } catch {
          return lost(); // what stands between, such as a proxy, has answered
        }
        if (request.status === 200) resolve(answer);
        else if (request.status === 409 || request.status === 404 || request.status >= 500) lost(); // begin says where to go on
        else reject(Object.assign(new Error(answer.error ?? `The server answered ${request.status}.`), { final: true }));
      };
      request.send(body);
    });
  }

  cancel() {
    this.state = "cancelled";
    this.request?.abort();
    remember((all) => delete all[this.print]);
    if (this.id) fetch(`${this.address}/${this.id}`, { method: "DELETE" }).catch(() => {});
  }
}

/** Files by their field: they stay on their way while another page of the app is looked at. */
const fields = (globalThis[Symbol.for("seamlens.uploads")] ??= new Map());

class Field {
  constructor(root, name) {
    Object.assign(this, { root, said: "", last: JSON.stringify([[], false]) });
    if (!fields.has(name)) fields.set(name, []);
    this.files = fields.get(name);
    this.files.forEach((each) => (each.told = () => this.show()));
    this.build();
  }

  build() {
    this.input = element("input", "input");
    Object.assign(this.input, { type: "file", tabIndex: -1, onchange: () => this.choose([...this.input.files]) });
    this.input.ariaHidden = "true";
    this.button = element("button", "choose", "Choose files");
    Object.assign(this.button, { type: "button", onclick: () => this.input.click() });
    this.words = element("span", "words");
    this.area = element("div", "area");
    this.area.append(this.button, this.words, this.input);
    this.list = element("ul", "files");
    this.status = element("p", "status");
    this.status.setAttribute("role", "status");
    this.area.ondragover = (event) => {
      event.preventDefault();
      this.area.classList.add("over");
    };
    this.area.ondragleave = () => this.area.classList.remove("over");
    this.area.ondrop = (event) => {
      event.preventDefault();
      this.area.classList.remove("over");
      this.choose([...event.dataTransfer.files]);
    };
    this.root.replaceChildren(this.area, this.list, this.status);
  }

  update(data) {
    this.data = data;
    Object.assign(this.input, { multiple: data.multiple, accept: data.formats.join(",") });
    this.input.setAttribute("aria-label", data.label);
    this.button.textContent = data.multiple ? "Choose files" : "Choose a file";
    this.button.setAttribute("aria-label", `${this.button.textContent}: ${data.label}`);
    this.words.textContent = `or drop ${data.multiple ? "them" : "it"} here. Up to ${data.largest} GB each; after a break an upload goes on.`;
    this.show();
  }

  choose(files) {
    this.input.value = "";
    this.said = "";
    for (const file of this.data.multiple ? files : files.slice(0, 1)) {
      const problem = refusal(file, this.data.formats, this.files);
      if (problem) {
        this.said = problem;
        continue;
      }
      if (!this.data.multiple) this.files.splice(0).forEach((each) => each.cancel());
      const sending = new Sending(file, this.data, () => this.show());
      this.files.push(sending);
      sending.run();
    }
    this.show();
  }

  remove(sending) {
    sending.cancel();
    this.files.splice(this.files.indexOf(sending), 1);
    this.show();
    this.button.focus();
  }

  forget(mark) {
    remember((all) => delete all[mark]);
    this.show();
    this.button.focus();
  }

  show() {
    if (!this.data) return;
    const unfinished = Object.entries(started()).filter(([mark, { label }]) =>
      label === this.data.label && this.files.every((each) => each.print !== mark));
    const rows = new Map([...this.list.children].map((row) => [row.dataset.print, row]));
    const wanted = [
      ...this.files.map((each) => this.row(rows.get(each.print), each.print, each.name, shown(each), each, () => this.remove(each))),
      ...unfinished.map(([mark, { name, size: all }]) =>
        this.row(rows.get(mark), mark, name, `Not finished (${size(all)}). Choose the file again to go on.`, null, () => this.forget(mark))),
    ];
    if (wanted.length !== this.list.children.length || wanted.some((row, place) => this.list.children[place] !== row)) {
      this.list.replaceChildren(...wanted);
    }
    if (this.status.textContent !== this.said) this.status.textContent = this.said;
    const whole = this.files.filter((each) => each.state === "whole").map((each) => each.id);
    const isBusy = this.files.some((each) => ["waits", "runs", "lost"].includes(each.state));
    const now = JSON.stringify([whole, isBusy]);
    if (now === this.last) return;
    this.last = now;
    whole.forEach((id) => remember((all) => Object.entries(all).forEach(([mark, each]) => each.id === id && delete all[mark])));
    this.tell({ whole, busy: isBusy });
  }

  row(row, mark, name, words, sending, remove) {
    if (!row) {
      row = element("li", "file");
      row.dataset.print = mark;
      row.append(element("span", "name", name), element("span", "about"), element("button", "remove", "×"), element("div", "bar"));
      row.querySelector(".remove").type = "button";
    }
    const about = row.querySelector(".about"), bar = row.querySelector(".bar"), button = row.querySelector(".remove");
    row.className = `file ${sending?.state ?? "left"}`;
    row.querySelector(".name").textContent = name;
    if (about.textContent !== words) about.textContent = words;
    const verb = sending && sending.state !== "whole" && sending.state !== "refused" ? "Cancel" : "Remove";
    button.ariaLabel = `${verb} ${name}`;
    button.title = verb;
    button.onclick = remove;
    bar.hidden = !sending || !["waits", "runs", "lost"].includes(sending.state);
    if (!bar.hidden) {
      const share = Math.round((100 * sending.offset) / sending.file.size);
      bar.setAttribute("role", "progressbar");
      bar.setAttribute("aria-label", `Upload of ${name}`);
      bar.setAttribute("aria-valuenow", share);
      bar.style.setProperty("--share", `${share}%`);
    }
    return row;
  }
}

/** Return what stands beside the name of a file. */
export function shown({ state, offset, file, speed, problem }) {
  const all = size(file.size);
  if (state === "whole") return all;
  if (state === "refused") return problem;
  if (state === "lost") return `${size(offset)} of ${all} · The connection is lost. It goes on by itself.`;
  if (state === "waits") return all;
  return [`${size(offset)} of ${all}`, timeLeft(file.size - offset, speed)].filter(Boolean).join(" · ");
}

/** Called by the Streamlit component whenever the page runs. */
export default function ({ parentElement, data, setStateValue }) {
  let root = parentElement.querySelector(".uploads");
  if (!root) {
    root = element("div", "uploads");
    parentElement.append(root);
  }
  parentElement.uploads ??= new Field(root, data.field);
  parentElement.uploads.tell = (state) => setStateValue("files", state);
  parentElement.uploads.update(data);
}
