/* Single pictures of the camera on the Live page, where live video did not connect: what they show comes back drawn. */

function element(name, className, text = "") {
  const made = document.createElement(name);
  Object.assign(made, { className, textContent: text });
  return made;
}

class Pictures {
  constructor(root) {
    this.camera = Object.assign(element("video", ""), { autoplay: true, muted: true, playsInline: true });
    this.sent = Object.assign(element("img", ""), { alt: "The newest picture that was sent, with its heatmaps", hidden: true });
    this.note = element("p", "");
    this.note.setAttribute("role", "status");
    this.toggle = element("button", "");
    this.toggle.onclick = () => this.set(this.data.plays ? "stop" : "start", true);
    const again = element("button", "", "Try video again"), row = element("div", "");
    again.onclick = () => this.set("video", true);
    row.append(this.toggle, again);
    root.replaceChildren(this.camera, this.sent, this.note, row);
    this.back = () => document.hidden || this.wake();
    document.addEventListener("visibilitychange", this.back);
  }

  async update(data, set) {
    Object.assign(this, { data, set });
    this.toggle.textContent = data.plays ? "Stop" : "Start";
    this.post ??= await import(new URL(data.script, location.origin));
    if (this.closed || data !== this.data) return;
    if (!data.plays) this.end();
    else if (!this.poster && !this.isOpening) await this.begin();
  }

  async begin() {
    this.isOpening = true;
    try {
      await this.open();
    } catch (error) {
      this.say(this.post.cameraProblem(error), true);
      this.set("stop", true);
      return;
    } finally {
      this.isOpening = false;
    }
    if (this.closed || !this.data.plays) return this.end();
    const { address, token } = this.data;
    this.say(this.post.slowly(0));
    this.poster = new this.post.Poster({
      address, token, video: this.camera, image: this.sent,
      told: { shown: (rate) => this.shown(rate), gone: () => this.gone(), waits: () => this.gone(), fails: (words) => this.say(words, true) },
    });
  }

  async open() {
    this.post.closeCamera(this.stream);
    this.stream = await this.post.openCamera();
    this.stream.getVideoTracks()[0].onended = this.back;
    this.camera.srcObject = this.stream;
    this.camera.play().catch(() => {});
  }

  /** After the background: the camera may have ended. */
  async wake() {
    if (!this.poster || this.post.isAlive(this.stream)) return;
    try {
      await this.open();
    } catch (error) {
      this.say(this.post.cameraProblem(error), true);
    }
  }

  shown(rate) {
    this.sent.hidden = false;
    this.camera.className = "behind";
    this.say(this.post.slowly(rate));
  }

  /** The server has ended this visit: begin another. */
  gone() {
    this.stopPosting();
    this.set("start", true);
  }

  stopPosting() {
    this.poster?.stop();
    this.poster = undefined;
  }

  end() {
    this.stopPosting();
    this.post?.closeCamera(this.stream);
    this.stream = this.camera.srcObject = null;
    this.sent.hidden = true;
    this.sent.removeAttribute("src");
    this.camera.className = "";
    if (!this.note.classList.contains("bad")) this.say(this.post?.slowly(0) ?? "");
  }

  say(words, isBad = false) {
    if (this.note.textContent !== words) this.note.textContent = words;
    this.note.classList.toggle("bad", isBad);
  }

  close() {
    this.closed = true;
    document.removeEventListener("visibilitychange", this.back);
    this.end();
  }
}

/** Called by the Streamlit component whenever the page runs. */
export default function ({ parentElement, data, setTriggerValue }) {
  let root = parentElement.querySelector(".pictures");
  if (!root) {
    root = element("section", "pictures");
    root.setAttribute("aria-label", "Single pictures");
    parentElement.append(root);
  }
  const call = (parentElement.picturesCall = {});
  parentElement.pictures ??= new Pictures(root);
  parentElement.pictures.update(data, setTriggerValue);
  return () => {
    if (parentElement.picturesCall !== call) return; // a later call has taken over
    parentElement.pictures?.close();
    parentElement.pictures = undefined;
  };
}
