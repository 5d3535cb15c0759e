/* The browser's storage. It may be full or forbidden: then nothing is stored, and nothing fails. */

/** Return what is stored under a key; null where there is nothing, or nothing that can be read. */
export function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

/** Store a value as JSON, and return whether it was taken. */
export function store(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

export function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // A storage that is forbidden holds nothing.
  }
}

/** Return the keys that begin with a prefix. */
export function keysBelow(prefix) {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}
