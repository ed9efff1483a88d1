/**
 * What becomes of each record between the tap and the log: `step(state, input) -> {state, effects}`, and nothing else. It asks
 * for no time, stores nothing and sends nothing; outbox.js does. tests/support/outbox_model.py is the same machine in Python;
 * tests/data/outbox.json holds both to the same steps (docs/design/017-tablet.md).
 *
 * A record is let go of on one condition: an answer whose header carries what was signed. Until then it waits, whatever
 * else was answered, and what was answered with a no stays until its author puts it away.
 */

/**
 * @typedef {"waiting" | "sent" | "accepted" | "held" | "declined" | "refused" | "returned"} ItemState `declined`: held, then turned down
 * @typedef {"" | "unbound" | "full" | "box" | "author" | "unknown"} Trouble why an answered record waits all the same; `author`: only
 *   with what they signed at hand can the answer be checked
 *
 * One record. `part`: the partition of its author, "" where nobody was signed in. `after_ms`: when it is tried again, or when it
 * is asked again what became of it. `author`, `server`: whether that box is there. `files`: how many are still to follow.
 * `told`: its author's copy of the answer is kept, or there is nobody to keep one for.
 * @typedef {{seq: number, incident: string, part: string, size: number, state: ItemState, tries: number, after_ms: number,
 *   trouble: Trouble, author: boolean, server: boolean, files: number, told: boolean, log_seq: number | null}} Item
 *
 * @typedef {"ok" | "low" | "full"} Room
 * `flight`: what is being sent; `looking`: of what it is being asked what became of it. Never both.
 * @typedef {{sender: boolean, part: string, flight: number[], looking: number[], pause_ms: number, until_ms: number, most: number, cut: boolean,
 *   room: Room, items: Record<string, Item>}} State
 *
 * `binds`: null where nobody here can tell.
 * @typedef {{seq: number, status: string, code?: string, where?: string, binds?: boolean | null, log_seq?: number}} Answered
 * What became of a held record; `part` of who is signed in, where it was they who claimed it.
 * @typedef {{seq: number, became: string, binds?: boolean | null, log_seq?: number | null, part?: string}} Became
 * A row that is done with. @typedef {{seq: number, part: string, told: boolean, done_ms: number}} Done
 * @typedef {{do: "send", incident: string, items: [number, "open" | "box"][]}} Send
 * @typedef {{do: "look", incident: string, items: number[]}} Look
 * @typedef {{do: "keep" | "done" | "drop author" | "drop server" | "keep answer" | "forget" | "files" | "told", seq: number}} OfOne
 * @typedef {Send | Look | OfOne | {do: "wake", at_ms: number} | {do: "tell", what: string}} Effect
 */

export const MOST = 50; // in a request: half of what the server takes
export const BYTES_MOST = 700_000; // in a request, of the megabyte that the server takes; boxes grow by a third in base64
export const PAUSE_FIRST_MS = 1_000;
export const PAUSE_MOST_MS = 30_000;
export const KEPT_BACK_MS = 60_000; // until a record is tried again that was answered, and not so that it may be let go of
export const LOOK_MS = 300_000; // until it is asked again what became of a record that is held
export const LOOKS_MOST = 100; // in a request
export const KEPT_MS = 604_800_000; // a week: so long what is done stays in its author's list
export const KEPT_MOST = 1_000; // and so many

/** @returns {State} */
export const initial = () => ({ sender: false, part: "", flight: [], looking: [], pause_ms: 0, until_ms: 0, most: MOST, cut: false, room: "ok", items: {} });

/**
 * One input: what happens to the records, then what there is to send now. Effects come in this order: `keep` of every record
 * that changed, what the input itself asked for, then `send` or `wake`.
 * @param {State} state @param {{in: string, now_ms: number} & Record<string, any>} input @returns {{state: State, effects: Effect[]}}
 */
export function step(state, input) {
  const take = INPUTS[input.in];
  if (!take) throw new Error(`expected a known input, got ${input.in}`);
  /** @type {Effect[]} */
  const asked = [];
  const next = pump(take(state, input, asked), input.now_ms, asked);
  /** @type {Effect[]} */
  const kept = [];
  for (const item of Object.values(next.items)) {
    const before = state.items[item.seq];
    if (before && before !== item && !alike(before, item)) kept.push({ do: "keep", seq: item.seq });
  }
  return { state: next, effects: [...kept, ...asked] };
}

/** @param {Item} one @param {Item} other */
const alike = (one, other) => Object.entries(one).every(([name, value]) => other[/** @type {keyof Item} */ (name)] === value);

/** @type {Record<string, (state: State, input: any, asked: Effect[]) => State>} */
const INPUTS = {
  tick: (state) => state,
  lock: (state, input) => (input.held ? begun(state, input.items) : { ...state, sender: false, flight: [], looking: [], items: {} }),
  saved,
  signed: (state, input) => changed({ ...state, part: input.part }, (item) => came(item, input.part, input.now_ms)),
  back: (state, input) => changed({ ...state, until_ms: 0 }, (item) => (item.state === "held" ? soon(item, input.now_ms) : item)),
  answers: answered,
  lost: (state, input) => paused(state, input.now_ms, 0),
  busy: (state, input) => paused(state, input.now_ms, input.retry_ms),
  "cut off": cutOff,
  rejected,
  checkpoint: covered,
  rewound,
  looked,
  filed,
  claimed,
  "put away": putAway,
  mended,
  prune: pruned,
  room: roomed,
};

/** This tab sends from now on. What another one had under way when it died may have arrived or not: the same bytes again. @param {State} state @param {Item[]} items @returns {State} */
function begun(state, items) {
  const all = Object.fromEntries(items.map((item) => [item.seq, item]));
  return changed({ ...state, sender: true, flight: [], looking: [], pause_ms: 0, until_ms: 0, items: all }, (item) => (item.state === "sent" ? { ...item, state: "waiting" } : item));
}

/** Together, so that they go in one request. Said twice, they are there once. @param {State} state @param {{items: Item[]}} input @returns {State} */
function saved(state, input) {
  const fresh = input.items.filter((item) => !state.items[item.seq]);
  return state.sender && fresh.length ? { ...state, items: { ...state.items, ...Object.fromEntries(fresh.map((item) => [item.seq, item])) } } : state;
}

/** A no whose words nobody could keep for its author: the same bytes get the same answer. @param {Item} item @param {string} part */
const untold = (item, part) => part !== "" && item.part === part && !item.told && item.author && (item.state === "refused" || item.state === "returned");

/** Somebody is signed in: what was not told them is asked again, and what only they can check is. @param {Item} item @param {string} part @param {number} now_ms @returns {Item} */
function came(item, part, now_ms) {
  if (untold(item, part)) return { ...item, state: "waiting" };
  if (item.state !== "held" || part === "") return item;
  if (item.trouble !== "author") return soon(item, now_ms);
  return item.author && item.part === part ? { ...item, trouble: "", after_ms: now_ms } : item;
}

/** Of what is held it is asked within half a minute, however often somebody comes. @param {Item} item @param {number} now_ms @returns {Item} */
const soon = (item, now_ms) => (item.after_ms > now_ms + PAUSE_MOST_MS ? { ...item, after_ms: now_ms + PAUSE_MOST_MS } : item);

/** @param {State} state @param {(item: Item) => Item} change @returns {State} */
function changed(state, change) {
  const items = { ...state.items };
  for (const item of Object.values(state.items)) items[item.seq] = change(item);
  return { ...state, items };
}

/** @param {State} state @param {number} seq @param {Partial<Item>} change @returns {State} */
const set = (state, seq, change) => ({ ...state, items: { ...state.items, [seq]: { ...state.items[seq], ...change } } });

/** @param {State} state @param {number} seq @returns {State} */
function without(state, seq) {
  const { [seq]: _, ...items } = state.items;
  return { ...state, items };
}

/** @param {State} state @param {{answers: Answered[], now_ms: number}} input @param {Effect[]} asked @returns {State} */
function answered(state, input, asked) {
  let next = { ...state, flight: /** @type {number[]} */ ([]), pause_ms: 0, until_ms: 0, most: MOST, cut: false };
  for (const seq of state.flight) {
    const answer = input.answers.find((one) => one.seq === seq);
    next = answer ? settled(next, next.items[seq], answer, input.now_ms, asked) : set(next, seq, { state: "waiting" });
  }
  return next;
}

/** One answer, by the table of docs/design/017-tablet.md. @param {State} state @param {Item} item @param {Answered} answer @param {number} now_ms @param {Effect[]} asked @returns {State} */
function settled(state, item, answer, now_ms, asked) {
  const { status, code = "", where = "" } = answer;
  if (status === "accepted") return answer.binds ? accepted(state, item, answer.log_seq ?? null, asked) : keptBack(state, item, unchecked(answer), now_ms, asked);
  if (status === "denied" && code === "full") return keptBack(state, item, "full", now_ms, asked);
  if (status === "unreadable" && where.startsWith("sealed")) return keptBack(state, item, "box", now_ms, asked);
  /** @type {ItemState | undefined} */
  const became = BECOMES[status];
  if (!became) return keptBack(state, item, "unknown", now_ms, asked);
  const told = theirs(state, item);
  if (told) asked.push({ do: "keep answer", seq: item.seq });
  if (became === "held" && item.files) asked.push({ do: "files", seq: item.seq }); // whoever lets it in needs what it names
  asked.push({ do: "tell", what: became });
  return set(state, item.seq, { state: became, trouble: "", told, ...(became === "held" ? { after_ms: now_ms + LOOK_MS } : {}) });
}

/** Its author is there, and so is their box. @param {State} state @param {Item} item */
const theirs = (state, item) => item.author && item.part !== "" && item.part === state.part;

/** @type {Record<string, ItemState>} */
const BECOMES = { quarantined: "held", refused: "refused", denied: "refused", stale: "refused", unreadable: "returned", conflict: "returned" };

/** Why an answer that says yes lets nothing go: it binds something else, or nobody here can tell. @param {{binds?: boolean | null}} answer @returns {Trouble} */
const unchecked = (answer) => (answer.binds === false ? "unbound" : "author");

/** Its author's box goes with the answer, or with the last of its files, whose keys are in it. @param {State} state @param {Item} item @param {number | null} log_seq @param {Effect[]} asked @returns {State} */
function accepted(state, item, log_seq, asked) {
  const told = theirs(state, item);
  if (told) asked.push({ do: "keep answer", seq: item.seq });
  if (item.files) asked.push({ do: "files", seq: item.seq });
  else if (item.author) asked.push({ do: "drop author", seq: item.seq });
  return set(state, item.seq, { state: "accepted", trouble: "", log_seq, author: item.author && item.files > 0, told: told || item.part === "" });
}

/** It waits, and does not hold up the others. @param {State} state @param {Item} item @param {Trouble} trouble @param {number} now_ms @param {Effect[]} asked @returns {State} */
function keptBack(state, item, trouble, now_ms, asked) {
  asked.push({ do: "tell", what: trouble });
  return set(state, item.seq, { state: "waiting", trouble, after_ms: now_ms + KEPT_BACK_MS });
}

/** No answer, or "not now": nobody knows what arrived, so the same bytes again after a pause. @param {State} state @param {number} now_ms @param {number} retry_ms what the server asked for @returns {State} */
function paused(state, now_ms, retry_ms) {
  if (!state.flight.length && !state.looking.length) return state;
  const pause_ms = Math.min(PAUSE_MOST_MS, state.pause_ms ? state.pause_ms * 2 : PAUSE_FIRST_MS);
  const wait_ms = Math.min(PAUSE_MOST_MS, Math.max(pause_ms, retry_ms));
  return { ...landed(state, now_ms), pause_ms, until_ms: now_ms + wait_ms };
}

/** What was under way waits again. @param {State} state @param {number} now_ms @returns {State} */
function landed(state, now_ms) {
  let next = state;
  for (const seq of state.flight) next = set(next, seq, { state: "waiting" });
  for (const seq of state.looking) if (next.items[seq]?.state === "held") next = set(next, seq, { after_ms: now_ms + LOOK_MS });
  return { ...next, flight: [], looking: [] };
}

/** The server knows no such device. It goes on handing in: what it has may be about somebody in custody. @param {State} state @param {{now_ms: number}} input @param {Effect[]} asked @returns {State} */
function cutOff(state, input, asked) {
  if (!state.flight.length && !state.looking.length) return state;
  if (!state.cut) asked.push({ do: "tell", what: "cut off" });
  return { ...paused(state, input.now_ms, 0), cut: true };
}

/** The request as a whole was no good: halve it until the one that it was for is alone, and give that back. Of a look nothing follows. @param {State} state @param {{now_ms: number}} input @param {Effect[]} asked @returns {State} */
function rejected(state, input, asked) {
  const [seq, ...rest] = state.flight;
  if (seq === undefined) return landed(state, input.now_ms);
  if (rest.length) return { ...landed(state, input.now_ms), most: Math.floor((rest.length + 1) / 2) };
  asked.push({ do: "tell", what: "returned" });
  return { ...set(state, seq, { state: "returned", trouble: "", told: true }), flight: [], most: MOST };
}

/** A signed head of the log holds these: nothing more can undo them. The last box with the keys of files stays for those. @param {State} state @param {{incident: string, seq: number}} input @param {Effect[]} asked @returns {State} */
function covered(state, input, asked) {
  let next = state;
  for (const item of Object.values(state.items)) {
    if (item.state !== "accepted" || !item.server || item.incident !== input.incident || item.log_seq === null || item.log_seq > input.seq) continue;
    if (item.files && !item.author) continue;
    asked.push({ do: "drop server", seq: item.seq });
    next = finished(set(next, item.seq, { server: false }), item.seq, asked);
  }
  return next;
}

/** The log ends before what it had answered for: a backup was restored. What is past its end goes again. @param {State} state @param {{incident: string, seq: number}} input @param {Effect[]} asked @returns {State} */
function rewound(state, input, asked) {
  const past = (/** @type {Item} */ item) => item.state === "accepted" && item.server && item.incident === input.incident && item.log_seq !== null && item.log_seq > input.seq;
  if (!Object.values(state.items).some(past)) return state;
  asked.push({ do: "tell", what: "rewound" });
  return changed(state, (item) => (past(item) ? { ...item, state: "waiting", log_seq: null } : item));
}

/** What became of what is held. @param {State} state @param {{answers: Became[], now_ms: number}} input @param {Effect[]} asked @returns {State} */
function looked(state, input, asked) {
  let next = { ...state, looking: /** @type {number[]} */ ([]), pause_ms: 0, until_ms: 0, cut: false };
  for (const seq of state.looking) {
    const item = next.items[seq];
    if (item?.state === "held") next = became(next, item, input.answers.find((one) => one.seq === seq), input.now_ms, asked); // else it was claimed or put away meanwhile
  }
  return next;
}

/**
 * It is let go of on the same condition as any: an answer that binds. What the server knows nothing of (it came back from a
 * backup) goes again; what was turned down stays until its author puts it away.
 * @param {State} state @param {Item} item @param {Became | undefined} answer @param {number} now_ms @param {Effect[]} asked @returns {State}
 */
function became(state, item, answer, now_ms, asked) {
  const said = answer?.became ?? "";
  if (said === "turned down") {
    asked.push({ do: "tell", what: "declined" });
    return set(state, item.seq, { state: "declined", trouble: "", told: true });
  }
  if (said === "not here") return set(state, item.seq, { state: "waiting", trouble: "", after_ms: 0 });
  if (!answer || (said !== "let in" && said !== "claimed")) return set(state, item.seq, { trouble: "", after_ms: now_ms + LOOK_MS });
  if (answer.binds) {
    asked.push({ do: "tell", what: said });
    const part = answer.part && item.part === "" ? answer.part : item.part;
    return accepted(set(state, item.seq, { part }), { ...item, part }, answer.log_seq ?? null, asked);
  }
  const trouble = unchecked(answer);
  if (item.trouble !== trouble) asked.push({ do: "tell", what: trouble });
  return set(state, item.seq, { trouble, after_ms: now_ms + LOOK_MS });
}

/** One of its files has arrived. @param {State} state @param {{seq: number}} input @param {Effect[]} asked @returns {State} */
function filed(state, input, asked) {
  const item = state.items[input.seq];
  if (!item?.files) return state;
  const files = item.files - 1;
  const over = files === 0 && item.state === "accepted";
  if (over && item.author) asked.push({ do: "drop author", seq: item.seq });
  return finished(set(state, item.seq, { files, author: item.author && !over }), item.seq, asked);
}

/** Somebody took a held record as theirs: it is in the log, and the keys of its files came with the answer. @param {State} state @param {{seq: number, part: string, log_seq: number | null}} input @param {Effect[]} asked @returns {State} */
function claimed(state, input, asked) {
  const item = state.items[input.seq];
  if (item?.state !== "held") return state;
  if (item.files) asked.push({ do: "files", seq: item.seq });
  return set(state, item.seq, { state: "accepted", trouble: "", part: input.part, author: item.files > 0, log_seq: input.log_seq, told: true });
}

/** Nothing is left to do for it: it is a line in its author's list. @param {State} state @param {number} seq @param {Effect[]} asked @returns {State} */
function finished(state, seq, asked) {
  const item = state.items[seq];
  if (item.state !== "accepted" || item.server || item.files) return state;
  asked.push({ do: "done", seq });
  return without(state, seq);
}

/** Its author has read what became of it. What has not been answered for cannot be put away, nor what is held while its files are only here. @param {State} state @param {{seq: number}} input @param {Effect[]} asked @returns {State} */
function putAway(state, input, asked) {
  const item = state.items[input.seq];
  if (!item || !["held", "declined", "refused", "returned"].includes(item.state) || (item.state === "held" && item.files)) return state;
  asked.push({ do: "forget", seq: item.seq });
  return without(state, item.seq);
}

/** What had come back was written anew: another record has its place, and it never goes out again. @param {State} state @param {{seqs: number[]}} input @returns {State} */
function mended(state, input) {
  return input.seqs.filter((seq) => ["declined", "refused", "returned"].includes(state.items[seq]?.state)).reduce(without, state);
}

/**
 * Rows that are done with leave a week after they were told, or when there are too many, the oldest first; and what was turned
 * down and nobody's, which nobody here can read. Whoever is signed in is told by their list. Nothing else leaves by this.
 * @param {State} state @param {{rows: Done[], wall_ms: number}} input `wall_ms`: the time of which `done_ms` is @param {Effect[]} asked @returns {State}
 */
function pruned(state, input, asked) {
  let next = state;
  let kept = 0;
  for (const row of [...input.rows].sort((one, other) => other.seq - one.seq)) {
    const item = state.items[row.seq];
    const nobodys = item ? item.state === "declined" && item.part === "" && !item.files : row.part === "";
    if (item && !nobodys) continue;
    if (!row.told && !nobodys) {
      if (row.part === state.part) asked.push({ do: "told", seq: row.seq });
    } else if (kept < KEPT_MOST && input.wall_ms - row.done_ms < KEPT_MS) kept += 1;
    else {
      asked.push({ do: "forget", seq: row.seq });
      next = without(next, row.seq);
    }
  }
  return next;
}

/** @param {State} state @param {{room: Room}} input @param {Effect[]} asked @returns {State} */
function roomed(state, input, asked) {
  if (input.room !== state.room) asked.push({ do: "tell", what: `room ${input.room}` });
  return { ...state, room: input.room };
}

/** The next request, or when to look again. One at a time, so that order is kept; what is asked of the held goes behind what is to be sent. @param {State} state @param {number} now_ms @param {Effect[]} asked @returns {State} */
function pump(state, now_ms, asked) {
  if (!state.sender || state.flight.length || state.looking.length) return state;
  const waiting = Object.values(state.items).filter((item) => item.state === "waiting" && way(state, item));
  const held = Object.values(state.items).filter((item) => item.state === "held" && item.trouble !== "author");
  const [send_ms, look_ms] = [dueAt(state, waiting), dueAt(state, held)];
  if (send_ms <= now_ms) return sending(state, waiting.filter((item) => item.after_ms <= now_ms), asked);
  if (look_ms <= now_ms) return asking(state, held.filter((item) => item.after_ms <= now_ms), asked);
  if (waiting.length || held.length) asked.push({ do: "wake", at_ms: Math.min(send_ms, look_ms) });
  return state;
}

/** When the first of these may go. @param {State} state @param {Item[]} items */
const dueAt = (state, items) => Math.max(state.until_ms, Math.min(Infinity, ...items.map((item) => item.after_ms)));

/** @param {State} state @param {Item[]} ready @param {Effect[]} asked @returns {State} */
function sending(state, ready, asked) {
  const batch = batched(ready, state.most);
  asked.push({ do: "send", incident: batch[0].incident, items: batch.map((item) => [item.seq, /** @type {"open" | "box"} */ (way(state, item))]) });
  let next = { ...state, flight: batch.map((item) => item.seq) };
  for (const item of batch) next = set(next, item.seq, { state: "sent", tries: item.tries + 1 });
  return next;
}

/** @param {State} state @param {Item[]} due @param {Effect[]} asked @returns {State} */
function asking(state, due, asked) {
  const looking = due.filter((item) => item.incident === due[0].incident).slice(0, LOOKS_MOST).map((item) => item.seq);
  asked.push({ do: "look", incident: due[0].incident, items: looking });
  return { ...state, looking };
}

/** How it can go now: in the open where its author is there, else as a box that the server has not failed to open. @param {State} state @param {Item} item @returns {"open" | "box" | ""} */
function way(state, item) {
  if (theirs(state, item)) return "open";
  return item.server && item.trouble !== "box" && item.trouble !== "author" ? "box" : "";
}

/** In order of their numbers, those that were never answered first; of one incident, and no more than fit. @param {Item[]} ready @param {number} most @returns {Item[]} */
function batched(ready, most) {
  const order = [...ready].sort((one, other) => Number(one.trouble !== "") - Number(other.trouble !== "") || one.seq - other.seq);
  const batch = [];
  let size = 0;
  for (const item of order) {
    if (batch.length === most || item.incident !== order[0].incident || (batch.length && size + item.size > BYTES_MOST)) break;
    size += item.size;
    batch.push(item);
  }
  return batch;
}
