/**
 * Replay: the board as it was, from the server's own fold, drawn by the same components as the live picture. A slider over
 * the incident's time, steps from event to event, and play.
 */
import { effect, html, signal, untracked, useEffect } from "./lib.js";
import { live, past, replaying } from "./store.js";
import { call, incidentPath } from "./api.js";
import { param, query, setParams } from "./url.js";
import { clockText, dayText, zoneName } from "./time.js";

const PLAY_MS = 500; // between two pictures while playing
/** @type {[number, string][]} */
const SPEEDS = [[30, "×30"], [120, "×120"], [600, "×600"]];

const trouble = signal("");
const playing = signal(0); // incident seconds per second; 0 stands still
const fetching = signal(false);
/** @type {AbortController | null} */
let asked = null;
/** The latest wish while one answer is under way: wishes in between are dropped, so that the slider never queues. */
let wish = "";

/** @param {string} at a seq, or a time in RFC 3339 */
async function fetchBoard(at) {
  wish = at;
  if (fetching.peek()) return;
  fetching.value = true;
  try {
    while (wish) {
      const now = wish;
      asked = new AbortController();
      const found = await call("GET", incidentPath(live.position()?.log ?? "", `board?at=${encodeURIComponent(now)}`), undefined, asked.signal);
      if (wish === now) wish = "";
      past.clock.set({ ...found.clock, now: found.time });
      past.reset({ at: found.at, board: found.board, feed: found.feed });
      past.me.value = live.me.value;
      replaying.value = true;
      trouble.value = "";
    }
  } catch (error) {
    wish = "";
    trouble.value = `That moment could not be fetched: ${/** @type {Error} */ (error).message}`;
    playing.value = 0;
  } finally {
    fetching.value = false;
  }
}

/** Keep the picture with the address: `at` there means replay. */
export function startReplay() {
  effect(() => {
    const at = query.value.get("at") ?? "";
    if (!live.ready.value) return;
    untracked(() => {
      if (at) void fetchBoard(at);
      else {
        wish = "";
        replaying.value = false;
        playing.value = 0;
      }
    });
  });
}

/** @param {number} ms */
const goTo = (ms) => setParams({ at: new Date(ms).toISOString() });

function bounds() {
  const opened = Object.values(live.sections.incident.value)[0]?.opened_at;
  const first = opened ? Date.parse(opened) : live.clock.now() - 3_600_000;
  return { first, last: Math.max(first + 1000, live.clock.now()) };
}

export function ReplayBar() {
  const on = !!param("at");
  useEffect(() => {
    if (!playing.value) return undefined;
    const timer = setInterval(() => {
      if (fetching.peek()) return; // a slow server slows the play down; it never piles up
      const next = past.clock.now() + playing.peek() * PLAY_MS;
      const { last } = bounds();
      goTo(Math.min(next, last));
      if (next >= last) playing.value = 0;
    }, PLAY_MS);
    return () => clearInterval(timer);
  }, [playing.value]);
  if (!on) return null;
  const { first, last } = bounds();
  const now = replaying.value ? past.clock.now() : last;
  void past.at.value;
  const zone = Object.values(live.sections.incident.value)[0]?.time_zone ?? "UTC";
  const seq = past.at.value?.seq ?? 0;
  const words = `${dayText(now, zone)}, ${clockText(now, zone)} ${zoneName(now, zone)}`;
  return html`<section class="replay" aria-label="Replay">
    <div class="replay-steps">
      <button type="button" class="button small" aria-label="Previous event" disabled=${seq <= 1} onClick=${() => setParams({ at: String(seq - 1) })}>−1 event</button>
      <button type="button" class="button small" aria-label="Next event" disabled=${seq >= (live.position()?.seq ?? 0)} onClick=${() => setParams({ at: String(seq + 1) })}>+1 event</button>
    </div>
    <label class="replay-slider"><span class="sr">Time</span>
      <span class="num muted">${clockText(first, zone)}</span>
      <input type="range" min=${Math.floor(first / 1000)} max=${Math.ceil(last / 1000)} step="1" value=${Math.round(now / 1000)} aria-valuetext=${words}
        onInput=${(/** @type {any} */ e) => { playing.value = 0; goTo(Number(e.currentTarget.value) * 1000); }} />
      <span class="num muted">${clockText(last, zone)} ${zoneName(last, zone)}</span></label>
    <div class="segmented" role="group" aria-label="Play">
      <button type="button" aria-pressed=${!playing.value} onClick=${() => { playing.value = 0; }}>Stand</button>
      ${SPEEDS.map(([speed, name]) => html`<button key=${name} type="button" aria-pressed=${playing.value === speed} onClick=${() => { playing.value = speed; }}>${name}</button>`)}
    </div>
    ${trouble.value ? html`<p class="bad-text" role="alert">${trouble.value}</p>` : null}
  </section>`;
}
