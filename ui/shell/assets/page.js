/* What a window needs beside what Streamlit makes of it: below 1,100 pixels the sidebar lies over the page (style.css) and is closed. */

(() => {
  const SIDEBAR = "[data-testid=stSidebar]";
  const narrow = window.matchMedia("(max-width: 1099px)");
  const button = () => document.querySelector(`${SIDEBAR} [data-testid=stSidebarCollapseButton] button`);
  const close = () => narrow.matches && button()?.click();

  new MutationObserver((_, observer) => { // Streamlit opens it once
    if (!button()) return;
    observer.disconnect();
    close();
  }).observe(document, { childList: true, subtree: true });
  narrow.addEventListener("change", close);
  document.addEventListener("click", ({ target }) => target.closest(`${SIDEBAR} nav a, [data-testid=stSidebarNavLink]`) && close());
  document.addEventListener("pointerdown", ({ target }) => target.closest(`${SIDEBAR}, [data-st-overlay-root]`) || close());
})();
