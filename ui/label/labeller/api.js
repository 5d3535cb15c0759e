/* The server's routes: what the labeller asks and sends. */

export class Api {
  constructor({ base, annotator }) {
    this.base = base;
    this.who = `annotator=${encodeURIComponent(annotator)}`;
  }

  /** Return the JSON of an answer. What the server refuses is thrown, with its `status`. */
  async ask(path, options) {
    const answer = await fetch(`${this.base}${path}`, options);
    const content = await answer.json().catch(() => ({}));
    if (!answer.ok) throw Object.assign(new Error(content.error ?? `${answer.status}`), { status: answer.status });
    return content;
  }

  videos = () => this.ask(`/videos?${this.who}`);
  video = (id) => this.ask(`/desk/${id}?${this.who}`);
  suggestions = (id, insist) => this.ask(`/suggestions/${id}?${this.who}&insist=${insist}`);
  pace = (since) => this.ask(`/pace?${this.who}&since=${encodeURIComponent(since.toISOString())}`);
  picture = (video, index, version) => `${this.base}/frames/${video}/${index}.jpg?v=${version}`;

  send = (body, options) => this.ask("/labels", {
    method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" }, ...options,
  });
}
