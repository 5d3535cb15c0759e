/* Streamlit's “Connection error”: a dialog that takes the keys and the mouse. The header of the labeller says better what has
 * happened, and labels wait in the browser, so the dialog is closed as soon as it opens. */

const TITLE = "Connection error";

/** Return whether an element is in that dialog. */
export function isConnectionError(element) {
  return element.closest("[role=dialog]")?.querySelector("h2")?.textContent === TITLE;
}

/** Close the dialog whenever it opens; Streamlit shows it once per lost connection. Return how to end that. */
export function closeConnectionErrors() {
  const look = () => {
    for (const title of document.querySelectorAll("[data-testid=stDialog] h2")) {
      if (isConnectionError(title)) title.closest("[role=dialog]").querySelector("[aria-label=Close]")?.click();
    }
  };
  const watching = new MutationObserver(look);
  watching.observe(document.body, { childList: true });
  look();
  return () => watching.disconnect();
}
