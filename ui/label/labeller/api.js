/* The server's routes: what the labeller asks and sends. */

export class Api {
  constructor({ base, annotator }) {
    this.base = base;
    this.annotator = annotator;
  }

  /** Return an address below the base, of the parts of its path and of what is asked. */
  address(parts, query = {}) {
    const path = [this.base, ...parts.map(encodeURIComponent)].join("/");
    const asked = new URLSearchParams(query).toString();
    return asked ? `${path}?${asked}` : path;
  }

  /** Return the JSON of an answer. What the server refuses is thrown, with its `status`. */
  async ask(address, options) {
    const answer = await fetch(address, options);
    const content = await answer.json().catch(() => ({}));
    if (!answer.ok) throw Object.assign(new Error(content.error ?? `${answer.status}`), { status: answer.status });
    return content;
  }

  /** Ask something as this annotator. */
  mine = (parts, query = {}) => this.ask(this.address(parts, { annotator: this.annotator, ...query }));

  videos = () => this.mine(["videos"]);
  video = (id) => this.mine(["desk", id]);
  suggestions = (id, insist, source) => this.mine(["suggestions", id], { insist, source });
  pace = (since) => this.mine(["pace"], { since: since.toISOString() });
  picture = (video, index, version) => this.address(["frames", video, `${index}.jpg`], { v: version });

  seen = (video, index, version) => this.address(["seen", video, `${index}.jpg`], { annotator: this.annotator, v: version });

  send = (body, options) => this.ask(this.address(["labels"]), {
    method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" }, ...options,
  });
}
