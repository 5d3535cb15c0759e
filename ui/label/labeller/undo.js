/* Undo and redo without limit. An action is what one undo takes back: a key, a stretch, an accepted suggestion. */

import { uuid } from "./dom.js";

export class UndoStack {
  /** `undoable` and `redoable` are ids of actions from before this page was opened, oldest first. */
  constructor(undoable = [], redoable = []) {
    this.done = undoable.map((action) => ({ action }));
    this.undone = redoable.map((undo) => ({ undo }));
  }

  /** Note an action. Each patch says what it changed: `{ name, first, last, value, before }`. */
  push(action, patches) {
    this.done.push({ action, patches });
    this.undone = [];
  }

  /** Take the latest action back: return its entry and the event for the server; null where there is none. */
  undo() {
    const entry = this.done.pop();
    if (!entry) return null;
    entry.undo = uuid();
    this.undone.push(entry);
    return { entry, event: { id: uuid(), action: entry.undo, undoes: entry.action } };
  }

  /** Do again what was taken back last. An action that another page took back is identified by its undo alone. */
  redo() {
    const entry = this.undone.pop();
    if (!entry) return null;
    const again = uuid();
    this.done.push({ ...entry, action: entry.action ?? again });
    return { entry, event: { id: uuid(), action: again, undoes: entry.undo } };
  }

  endsWith(actions) {
    return this.done.slice(-actions.length).map(({ action }) => action).join() === actions.join();
  }
}
