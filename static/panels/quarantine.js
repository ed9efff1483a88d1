/**
 * What devices sent and nobody may take for granted: it waits for a decision, and it may be about somebody in custody. For
 * command; its words are not here. The list is asked for anew with each word of the server's own that comes over the socket.
 */
import { html, useEffect, useState } from "../lib.js";
import { link, live, replaying } from "../store.js";
import { call, incidentPath } from "../api.js";
import { Panel, Time, plural } from "../parts.js";

/** @typedef {import("../types.d.ts").HeldRow} HeldRow @typedef {import("../types.d.ts").MissingRow} MissingRow */

/** As the log names it where it says so. */
const SERVER = "muster";

/** @type {Record<string, string>} */
const CAUSES = { revoked: "the device was revoked", author: "nobody can know that its author wrote it", access: "its author had no grant then, or their account is shut", time: "it says that it was signed before the device was enrolled" };

/** @type {Record<string, string>} */
const KINDS = { RecordArrest: "arrest", HandOver: "hand-over", ReleasePerson: "release", RecordCare: "care", RecordInjury: "injury", RecordEntry: "log entry", ReportForce: "report of force" };

/** @param {string} type */
const kindWords = (type) => KINDS[type] ?? type.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();

const FEW = 6;
const AGAIN_MS = 300_000; // of devices that went quiet nobody sends a word

export function Quarantined() {
  const [list, setList] = useState(/** @type {HeldRow[]} */ ([]));
  const [missing, setMissing] = useState(/** @type {readonly MissingRow[]} */ ([]));
  const [words, setWords] = useState("");
  const [all, setAll] = useState(false);
  const log = live.at.value?.log ?? "";
  const told = live.me.value?.role === "commander" && !replaying.value;
  const here = link.state.value === "live";
  useEffect(() => {
    if (!told || !log || !here) return undefined;
    const asked = new AbortController();
    let again = false, going = false;
    async function look() {
      if (going) { again = true; return; }
      going = true;
      do {
        again = false;
        try {
          const answer = await call("GET", incidentPath(log, "quarantine"), undefined, asked.signal);
          setList(answer.held.filter((/** @type {HeldRow} */ one) => !one.outcome));
          setMissing(answer.missing);
          setWords("");
        } catch (error) {
          if (asked.signal.aborted) return;
          setWords(/** @type {Error} */ (error).message);
        }
      } while (again);
      going = false;
    }
    /** @param {readonly import("../types.d.ts").Entry[]} entries */
    const hear = (entries) => { if (entries.some((one) => one.who?.person === SERVER)) void look(); };
    live.listeners.push(hear);
    void look();
    const timer = setInterval(look, AGAIN_MS);
    return () => { asked.abort(); clearInterval(timer); live.listeners.splice(live.listeners.indexOf(hear), 1); };
  }, [told, log, here]);
  if (!told || (!list.length && !missing.length && !words)) return null;
  const people = list.filter((one) => one.person);
  const sorted = [...people, ...list.filter((one) => !one.person)];
  const shown = all ? sorted : sorted.slice(0, FEW);
  if (!list.length) return html`<${Panel} id="quarantine" title="Records still out there" scroll=${false}>${words ? html`<p class="line-sub panel-words warn-text">${words}</p>` : null}<${StillOut} rows=${missing} /><//>`;
  return html`<div role="status" class="sr">${people.length ? `${plural(people.length, "person")}, record in quarantine` : ""}</div>
    <${Panel} id="quarantine" title="Record in quarantine" scroll=${false} count=${html`<span class=${`badge ${people.length ? "badge-bad" : "badge-warn"}`}>${list.length}</span>`}>
    <p class="line-sub panel-words">Held back until somebody decides. An administrator lets a record in or turns it down, with a reason.${words ? html` <span class="warn-text">${words}</span>` : null}</p>
    <ul class="lines">${shown.map((one) => html`<${Line} key=${one.item} one=${one} />`)}</ul>
    ${sorted.length > FEW ? html`<button type="button" class="more" aria-expanded=${all} onClick=${() => setAll(!all)}>${all ? "Fewer" : `All ${sorted.length}`}</button>` : null}
    ${missing.length ? html`<p class="line-sub panel-words">Still out there:</p><${StillOut} rows=${missing} />` : null}<//>`;
}

/** Devices that numbered records which never came: on a tablet without a network, or lost with it. @param {{rows: readonly MissingRow[]}} props */
function StillOut({ rows }) {
  return html`<ul class="lines">${rows.map((one) => html`<li key=${one.device} class="line-item edge-warn" data-missing=${one.device}><div class="line-open">
    <span class="line-text"><strong>${plural(one.missing, "record")} still out there:</strong> ${one.label}</span>
    <span class="line-sub">device <span class="code">${one.device}</span> · ${one.seen_at ? html`last seen <${Time} at=${one.seen_at} />` : "never seen since it was enrolled"}${one.revoked_at ? html` · revoked <${Time} at=${one.revoked_at} />` : null}</span></div></li>`)}</ul>`;
}

/** @param {{one: HeldRow}} props */
function Line({ one }) {
  return html`<li class=${`line-item ${one.person ? "edge-bad" : "edge-warn"}`} data-held=${one.item}><div class="line-open">
    <span class="line-text">${one.person ? html`<strong class="bad-text">Person, record in quarantine:</strong>` : html`<strong>Held back:</strong>`} ${kindWords(one.type)}</span>
    <span class="line-sub">device <span class="code">${one.device}</span>, its number ${one.device_seq} · came <${Time} at=${one.received_at} /> · ${one.author === "confidential" ? "in confidence" : `by ${one.author}`} · ${CAUSES[one.cause] ?? one.cause}</span></div></li>`;
}
