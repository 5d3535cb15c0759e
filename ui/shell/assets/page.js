/* What a window needs beside what Streamlit makes of it: below 1,100 pixels the sidebar lies over the page (style.css) and is closed. */

(() => {
  const SIDEBAR = "[data-testid=stSidebar]";
  const narrow = window.matchMedia("(max-width: 1099px)");
  const button = () => document.querySelector(`${SIDEBAR} [data-testid=stSidebarCollapseButton] button`);
  const close = () => narrow.matches && button()?.click();

  const opening = new MutationObserver(() => { // Streamlit opens it once
    if (!button()) return;
    opening.disconnect();
    close();
  });
  // On a phone it does not: there, whoever opens it first wants to see it.
  if (!window.matchMedia("(max-width: 768px)").matches) opening.observe(document, { childList: true, subtree: true });
  narrow.addEventListener("change", close);
  document.addEventListener("click", ({ target }) => target.closest(`${SIDEBAR} nav a, [data-testid=stSidebarNavLink]`) && close());
  document.addEventListener("pointerdown", ({ target }) => target.closest(`${SIDEBAR}, [data-st-overlay-root]`) || close());
})();

/* On a class server, whoever was signed out elsewhere loses the connection: then this tab shows the page to sign in. */

(() => {
  const { signIn } = document.currentScript.dataset; // its address; empty where nobody signs in
  if (!signIn) return;
  const AWAY = ["PINGING_SERVER", "CONNECTING", "DISCONNECTED_FOREVER"];
  let [before, wasConnected] = ["", false];

  async function look() {
    const state = document.querySelector("[data-testid=stApp]")?.dataset.testConnectionState ?? "";
    if (state === before) return;
    before = state;
    wasConnected ||= state === "CONNECTED";
    if (!wasConnected || !AWAY.includes(state)) return;
    const answer = await fetch(`${signIn}/who`).catch(() => undefined); // while the server is away, nobody knows
    if (answer?.status !== 401) return;
    location.replace(`${signIn}?out&next=${encodeURIComponent(location.pathname + location.search)}`);
  }

  new MutationObserver(look).observe(document, {
    childList: true, subtree: true, attributes: true, attributeFilter: ["data-test-connection-state"],
  });
})();
