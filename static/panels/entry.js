/** One event in full: both times, the author, the finding or decision with rules, what is withheld, where it came from. */
import { html, useEffect, useState } from "../lib.js";
import { live, may, world, zone } from "../store.js";
import { call, incidentPath } from "../api.js";
import { Age, sectorName, spanText } from "../parts.js";
import { Decision, FindingText, OriginMark, WhoText } from "../decision.js";
import { fullText } from "../time.js";
import { openDrawer, setParams } from "../url.js";
import { FilesOf } from "./files.js";

/** @param {{seq: number}} props */
export function EntryDetail({ seq }) {
  const feed = world.value.feed;
  void feed.version.value;
  const held = feed.find(seq);
  const [far, setFar] = useState(/** @type {{seq: number, entry?: import("../types.d.ts").Entry, words?: string}} */ ({ seq: 0 }));
  useEffect(() => {
    if (held || far.seq === seq || !live.position()) return;
    call("GET", incidentPath(live.position()?.log ?? "", `events?after=${seq - 1}&limit=1`))
      .then((page) => setFar({ seq, entry: page.entries.find((/** @type {any} */ one) => one.seq === seq), words: "Your role does not see this event." }))
      .catch((error) => setFar({ seq, words: String(error.message) }));
  }, [seq, held === undefined]);
  const entry = held ?? (far.seq === seq ? far.entry : undefined);
  if (!entry) return html`<p class="empty">${far.seq === seq ? far.words : "Fetching…"}</p>`;
  return html`<${EntryText} entry=${entry} struck=${feed.isStruck(entry)} />`;
}

/** @param {{entry: import("../types.d.ts").Entry, struck: boolean}} props */
function EntryText({ entry, struck }) {
  const details = Object.entries(entry.fields ?? {});
  return html`<div class="detail">
    <p class="entry-line">${struck ? html`<s>${entry.line}</s>` : entry.line}</p>
    <p class="badges"><${OriginMark} origin=${entry.origin} />
      ${struck ? html`<span class="badge badge-warn">struck through</span>` : null}${entry.redacted ? html`<span class="badge badge-warn">redacted</span>` : null}
      ${entry.late_s ? html`<span class="badge badge-warn">recorded ${spanText(entry.late_s)} later</span>` : null}
      ${entry.clock_off_s ? html`<span class="badge badge-warn">clock may be off by ${spanText(entry.clock_off_s)}</span>` : null}</p>
    ${entry.text ? html`<blockquote class=${struck ? "struck" : ""}>${entry.text}</blockquote>` : null}
    ${entry.redacted ? html`<p class="lapse-note">Private values of this event were destroyed on someone’s authority. Its place in the log and its proof remain.</p>` : null}
    ${entry.finding ? html`<h3>How it stands</h3><${FindingText} finding=${entry.finding} />` : null}
    ${entry.decision ? html`<h3>What the plan said</h3><${Decision} decision=${entry.decision} />` : null}
    <dl class="facts">
      <dt>Happened</dt><dd>${fullText(entry.occurred_at, zone())}${entry.clock_off_s ? `, give or take ${spanText(entry.clock_off_s)}` : ""} · <${Age} at=${entry.occurred_at} /></dd>
      <dt>Recorded</dt><dd>${fullText(entry.recorded_at, zone())}</dd>
      <dt>By</dt><dd><${WhoText} who=${entry.who} /></dd>
      ${entry.sector ? html`<dt>Sector</dt><dd><button type="button" class="linkish" onClick=${() => openDrawer("sector", entry.sector)}>${sectorName(entry.sector)}</button></dd>` : null}
      ${details.map(([name, value]) => html`<dt key=${`t-${name}`}>${name.replaceAll("_", " ")}</dt><dd key=${`d-${name}`}>${value}</dd>`)}
      ${entry.withheld?.length ? html`<dt>Not shown to your role</dt><dd>${entry.withheld.map((name) => name.replaceAll("_", " ")).join(", ")}</dd>` : null}
      ${entry.origin ? html`<dt>Comes from</dt><dd>${[{ import: "an imported record", quarantine: "a statement that was held back", script: "a script, written for a demonstration", paper: "a paper form" }[entry.origin.kind], entry.origin.source, entry.origin.record, entry.origin.line ? `line ${entry.origin.line}` : ""].filter(Boolean).join(" · ")}</dd>` : null}
      ${entry.record ? html`<dt>Record</dt><dd class="code">${entry.record}</dd>` : null}
      <dt>Event</dt><dd class="code">${entry.type} · ${entry.id}</dd>
    </dl>
    <${FilesOf} entry=${entry} />
    <div class="acts">
      <button type="button" class="button" onClick=${() => setParams({ at: String(entry.seq) })}>See the board at this moment</button>
      ${entry.type === "EntryRecorded" && entry.record && !struck && may("RecordEntry") ? html`<button type="button" class="button" onClick=${() => openDrawer("strike", entry.record ?? "")}>Strike through…</button>` : null}
    </div>
  </div>`;
}
