/* The browser's storage. It may be full or forbidden: then nothing is stored, and nothing fails. */

function attempt(work, otherwise) {
  try {
    return work();
  } catch {
    return otherwise;
  }
}

/** Return what is stored under a key; null where there is nothing, or nothing that can be read. */
export const read = (key) => attempt(() => JSON.parse(localStorage.getItem(key)), null);

/** Store a value as JSON, and return whether it was taken. */
export const store = (key, value) => attempt(() => localStorage.setItem(key, JSON.stringify(value)) ?? true, false);

/** The same for as long as this tab is open. */
export const readVisit = (key) => attempt(() => sessionStorage.getItem(key), null);
export const storeVisit = (key, text) => attempt(() => sessionStorage.setItem(key, text));

export const forget = (key) => attempt(() => localStorage.removeItem(key));

export const keysBelow = (prefix) => attempt(() => Object.keys(localStorage).filter((key) => key.startsWith(prefix)), []);
