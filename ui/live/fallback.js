/* Tells the page when the live video of streamlit-webrtc does not connect: the network blocks it, or the browser has none. */

const PATIENCE = 8000, UNANSWERED = 20000; // milliseconds: to connect once the server has answered; and until it has
const EVERY = 300;
const GOOD = ["connected", "completed"];

/** Return whether a connection is blocked: `state` is its ICE state, `waited` and `answered` are milliseconds since it was made, and
 * since the server answered, -1 before that. */
export function isBlocked(state, waited, answered) {
  if (GOOD.includes(state)) return false;
  return state === "failed" || answered >= PATIENCE || (answered < 0 && waited >= UNANSWERED);
}

class Fallback {
  constructor(tell) {
    this.tell = tell;
    this.timer = setInterval(() => this.look(), EVERY);
  }

  get inside() {
    return document.querySelector('iframe[src*="streamlit_webrtc"]')?.contentWindow;
  }

  look() {
    const inside = this.inside;
    if (!inside?.document?.body) return;
    if (!inside.seamlensPeers) this.follow(inside);
    const last = inside.seamlensPeers.at(-1);
    if (!last || last.wasGood) return;
    const { peer, made } = last, now = performance.now();
    if (peer.remoteDescription) last.answered ??= now;
    last.wasGood = GOOD.includes(peer.iceConnectionState);
    const isClosed = peer.signalingState === "closed" && peer.iceConnectionState !== "failed"; // by Stop
    if (!isClosed && isBlocked(peer.iceConnectionState, now - made, last.answered === undefined ? -1 : now - last.answered)) this.blocked();
  }

  /** Note the connections that the frame makes. */
  follow(inside) {
    inside.seamlensPeers = [];
    const Own = inside.RTCPeerConnection;
    if (typeof Own === "function") {
      inside.RTCPeerConnection = class extends Own {
        constructor(...given) {
          super(...given);
          inside.seamlensPeers.push({ peer: this, made: performance.now() });
        }
      };
      return;
    }
    inside.document.addEventListener("click", ({ target }) => target.closest("button")?.textContent.trim() === "Start" && this.blocked(), true);
  }

  blocked() {
    this.close();
    this.tell();
  }

  close() {
    clearInterval(this.timer);
  }
}

/** Called by the Streamlit component whenever the page runs. */
export default function ({ parentElement, setTriggerValue }) {
  const call = (parentElement.fallbackCall = {});
  parentElement.fallback ??= new Fallback(() => setTriggerValue("blocked", true));
  return () => {
    if (parentElement.fallbackCall !== call) return; // a later call has taken over
    parentElement.fallback?.close();
    parentElement.fallback = undefined;
  };
}
