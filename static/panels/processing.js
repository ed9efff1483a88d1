/**
 * Arrest processing on one screen: how many, where the queue is, who waits longest, what is missing, what runs out, and what
 * does not add up. Numbers are the server's; this screen counts time alone.
 */
import { effect, html, signal, untracked, useEffect } from "../lib.js";
import { live, may, ownShare, replaying, rows } from "../store.js";
import { call } from "../api.js";
import { groupOf } from "../feed_data.js";
import { tick } from "../time.js";
import { openDrawer, openPage, param, setParams } from "../url.js";
import { Countdown, Panel, Time, plural, sectorName } from "../parts.js";
import { WhoText } from "../decision.js";
import { arrestsPath, held, shortNumber } from "../arrests.js";
import { told } from "../plan.js";
import { Ago, Arrests, InCustody } from "./arrests.js";
import { Alarms } from "./bags.js";
import { Lost } from "./lost.js";
import { Releases } from "./releases.js";
import { Clocks } from "./clocks.js";
import { CitationPanel } from "./citation.js";
import { Papers, mayExport } from "../downloads.js";

/** @typedef {import("../types.d.ts").ProcessingView} ProcessingView */
/** @typedef {import("../types.d.ts").SiteRow} SiteRow */

/** @type {import("../lib.js").Signal<{data: ProcessingView | null, trouble: string}>} */
const numbers = signal({ data: null, trouble: "" });
const shown = signal(false);

const GATHER_MS = 1000; // a burst of arrests is one question
const AGAIN_MS = 30_000; // what runs out does so without an event
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let asked_ms = 0;

async function ask() {
  timer = undefined;
  asked_ms = performance.now();
  try {
    numbers.value = { data: await call("GET", arrestsPath("processing")), trouble: "" };
  } catch (error) {
    numbers.value = { data: numbers.peek().data, trouble: /** @type {Error} */ (error).message };
  }
}

function soon() {
  timer ??= setTimeout(() => void ask(), Math.max(0, asked_ms + GATHER_MS - performance.now()));
}

live.listeners.push((entries) => {
  if (shown.peek() && entries.some((entry) => ["arrests", "duties"].includes(groupOf(entry.type)))) soon();
});

effect(() => {
  void tick.value;
  untracked(() => { if (shown.peek() && performance.now() - asked_ms > AGAIN_MS) soon(); });
});

/** Where what was pressed is gone: the line of the record that somebody comes back from, else the title. */
function takeFocus() {
  if (document.activeElement && document.activeElement !== document.body) return;
  const line = held.peek() ? document.querySelector(`[data-arrest="${CSS.escape(held.peek()?.id ?? "")}"]`) : null;
  (line instanceof HTMLElement ? line : document.getElementById("processing-title"))?.focus();
}

/** @type {[string, string][]} */
const VIEWS = [["records", "Records"], ["custody", "In custody"]];

export function ProcessingPage() {
  useEffect(() => {
    shown.value = true;
    soon();
    requestAnimationFrame(() => requestAnimationFrame(takeFocus));
    return () => { shown.value = false; };
  }, []);
  const { data, trouble } = numbers.value;
  const view = param("pv") === "custody" ? "custody" : "records";
  /** @param {KeyboardEvent} event */
  function move(event) {
    if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
    const next = view === "records" ? "custody" : "records";
    setParams({ pv: next });
    document.getElementById(`ptab-${next}`)?.focus();
  }
  return html`<main class="processing" id="main" tabindex="-1" aria-labelledby="processing-title">
    <${Figures} data=${data} trouble=${trouble} />
    <div class="proc-left scroll" tabindex="0" role="group" aria-label="What does not add up, what runs out"><${Lost} /><${Releases} /><${Alarms} /><${Clocks} /></div>
    <section class="panel proc-mid" id="records" aria-labelledby="records-title"><header class="panel-head"><h2 class="sr" id="records-title" tabindex="-1">Records and people in custody</h2>
        <div class="tabs" role="tablist" aria-label="Records, people in custody" onKeyDown=${move}>${VIEWS.map(([id, words]) => html`<button key=${id} type="button" role="tab" id=${`ptab-${id}`} aria-selected=${id === view} aria-controls="proc-list" tabindex=${id === view ? 0 : -1} onClick=${() => setParams({ pv: id })}>${words} <span class="panel-count">${Object.keys(rows(id === "custody" ? "custody" : "arrests")).length}</span></button>`)}</div>
        <div class="panel-tools">${may("RecordArrest") ? html`<button type="button" class="button small strong" onClick=${() => openDrawer("arrest")}>Street card…</button>` : null}</div></header>
      <div class="proc-list" id="proc-list" role="tabpanel" aria-labelledby=${`ptab-${view}`}>${view === "custody" ? html`<${InCustody} />` : html`<${Arrests} />`}</div></section>
    <div class="proc-right scroll" tabindex="0" role="group" aria-label="Longest waits, sites, what is missing, the bar"><${Waits} data=${data} /><${Sites} /><${Missing} data=${data} /><${Owed} data=${data} /><${Bar} /><${Many} /><${CitationPanel} /><${OnPaper} /></div>
  </main>`;
}

/** @type {[keyof ProcessingView, string, string, Record<string, string>][]} number, words, tone where it is not nought, what a press shows */
const FIGURES = [
  ["in_custody", "in custody", "", { pv: "custody" }], ["records", "records", "", { pv: "records", an: "", ai: "", ad: "" }], ["undecided", "not decided", "", { pv: "records", ad: "undecided" }], ["cited", "cited", "", { pv: "records", ad: "cited" }], ["custody", "to custody", "", { pv: "records", ad: "custody" }], ["released", "released", "", { pv: "records" }], ["unstated", "whereabouts not stated in a table", "", { pv: "records", an: "unstated" }],
  ["restrained", "restrained", "", { pv: "custody" }], ["incomplete", "incomplete", "warn", { pv: "records" }], ["unsigned", "not signed", "warn", { pv: "records", an: "unsigned" }], ["unreviewed", "not reviewed", "warn", { pv: "records", an: "unreviewed" }], ["overdue", "duties overdue", "bad", { pv: "records", an: "overdue" }],
];

/** @param {{data: ProcessingView | null, trouble: string}} props */
function Figures({ data, trouble }) {
  return html`<header class="proc-figures"><h2 id="processing-title" tabindex="-1">Arrest processing${ownShare() ? html` <span class="muted">your agency’s share</span>` : null}</h2>
    ${data ? html`<ul aria-label="In numbers">${FIGURES.filter(([name]) => name !== "unstated" || data.unstated).map(([name, words, tone, go]) => html`<li key=${name}><button type="button" class=${`figure${tone && data[name] ? ` figure-${tone}` : ""}`} onClick=${() => setParams(go)}><b>${data[name]}</b> <span class="summary-word">${words}</span></button></li>`)}</ul>` : html`<p class="muted" role="status">${trouble || "Counting…"}</p>`}
    ${data && trouble ? html`<p class="warn-text small">${trouble}: these numbers are of <${Time} at=${data.now} /></p>` : null}
    ${replaying.value && data ? html`<p class="warn-text small">The numbers in this line are current; the lists show the moment that you replay.</p>` : null}</header>`;
}

/** Sites with their room and their queues, full ones first. */
function Sites() {
  const list = /** @type {SiteRow[]} */ (Object.values(rows("sites"))).filter((one) => !one.closed_at || one.occupancy).sort((a, b) => Number(!!b.full) - Number(!!a.full) || a.name.localeCompare(b.name, "en", { numeric: true }));
  const empty = list.filter((one) => one.kind === "vehicle" && !one.occupancy);
  const used = list.filter((one) => !empty.includes(one));
  return html`<${Panel} id="sites" title="Sites" scroll=${false} count=${list.length} tools=${may("OpenSite") ? html`<button type="button" class="button small" onClick=${() => openDrawer("site")}>Open a site…</button>` : null}>
    ${list.length ? html`<ul class="cards">${used.map((one) => html`<${Site} key=${one.id} one=${one} />`)}</ul>
      ${empty.length ? html`<details class="quiet" data-empty-vehicles><summary>${plural(empty.length, "empty vehicle")}</summary><ul class="cards">${empty.map((one) => html`<${Site} key=${one.id} one=${one} />`)}</ul></details>` : null}` : html`<p class="empty">No site is open: nobody can be brought anywhere.</p>`}<//>`;
}

/** Whether the plan asks for trained staff at such a site; as long as it has not told, they are asked for. @param {string} kind */
const wantsStaff = (kind) => !told.value || (told.value.sites ?? []).some((one) => one.staff && (!one.kinds?.length || one.kinds.includes(kind)));

/** @param {{one: SiteRow}} props */
function Site({ one }) {
  const lacks = one.missing ?? null;
  const share = one.capacity ? Math.min(100, Math.round((100 * one.occupancy) / one.capacity)) : 100;
  const whom = one.adults === false ? "minors only" : one.minors ? (one.minors_apart ? "minors apart" : "adults and minors together") : "adults only";
  return html`<li class=${`card site${one.full ? " site-full" : ""}`} data-site=${one.id}>
    <p class="card-line"><strong>${one.name}</strong> <span class="muted">${one.kind}${one.sector ? `, ${sectorName(one.sector)}` : ""} · ${whom}</span>${one.closed_at ? html` <span class="badge badge-bad">closed, people still there</span>` : null}</p>
    <p class="site-room"><meter min="0" max="100" high="90" value=${share} aria-label=${`Room in ${one.name}`}></meter><span class=${one.full ? "bad-text num" : "num"}>${one.occupancy} of ${one.capacity}${one.full ? ", full" : ""}</span></p>
    ${one.queues?.length ? html`<ul class="queues" aria-label=${`Queues at ${one.name}`}>${one.queues.map((queue) => html`<li key=${queue.station}><span>${queue.station || (one.kind === "vehicle" ? "on board" : "at no station")}</span><b class="num">${queue.people}</b>${queue.longest_since ? html`<span class="muted">longest <${Ago} at=${queue.longest_since} bare /></span>` : null}</li>`)}</ul>` : null}
    <p class="badges">${lacks === null ? html`<span class="badge badge-warn">? never checked</span>` : lacks.length ? html`<span class="badge badge-bad" title=${lacks.join("\n")}>✕ lacks ${lacks.length === 1 ? lacks[0] : plural(lacks.length, "thing")}</span>` : html`<span class="badge badge-ok">✓ all of the list is there</span>`}
      ${one.trained?.length || wantsStaff(one.kind) ? html`<span class=${`badge${one.trained?.length ? "" : " badge-warn"}`}>${one.trained?.length ? `${one.trained.length} trained on duty` : "no trained staff on duty"}</span>` : null}</p>
    <div class="line-acts">${[["sitecheck", "CheckFacility", "Checklist…"], ["heads", "CountHeads", "Count heads…"], ["siteclose", "CloseSite", "Close…"]].filter(([, cmd]) => may(cmd)).map(([kind, , words]) => html`<button key=${kind} type="button" class="button small" aria-label=${`${words} ${one.name}`} onClick=${() => openDrawer(kind, one.id)}>${words}</button>`)}</div></li>`;
}

const FEW = 6;

/** @param {{data: ProcessingView | null}} props */
function Waits({ data }) {
  const list = (data?.waits ?? []).slice(0, FEW);
  if (!list.length) return null;
  return html`<${Panel} id="waits" title="Longest waits" scroll=${false}><ul class="lines">${list.map((one) => html`<li key=${one.subject} class="line-item"><button type="button" class="line-open duty-grid" onClick=${() => (one.arrest ? openPage("record", one.arrest) : openDrawer("held", one.subject))}>
    <span class="line-text"><strong>${shortNumber(one.number)}</strong> ${one.station ? html`at ${one.station}<span class="line-sub"> · ${one.holder}</span>` : `with ${one.holder}`}</span><span class="line-when"><${Ago} at=${one.since} bare /></span></button></li>`)}</ul><//>`;
}

/** What records still need, by the step before which it has to be there. @param {{data: ProcessingView | null}} props */
function Missing({ data }) {
  const list = [...(data?.missing ?? [])].sort((a, b) => (b.overdue ?? 0) - (a.overdue ?? 0) || b.records - a.records);
  if (!list.length) return null;
  return html`<${Panel} id="missing" title="Incomplete, by what is missing" scroll=${false}><table class="table"><thead><tr><th scope="col">Missing</th><th scope="col">Before</th><th scope="col" class="right">Records</th></tr></thead>
    <tbody>${list.map((one) => html`<tr key=${one.item + one.before}><th scope="row"><button type="button" class="linkish plain" onClick=${() => setParams({ pv: "records", ai: one.item })}>${one.says}</button></th><td>${one.before}</td><td class="right num">${one.records}${one.overdue ? html` <span class="badge badge-bad">${one.overdue} overdue</span>` : null}</td></tr>`)}</tbody></table><//>`;
}

/** What is owed, by the rule that asks for it. @param {{data: ProcessingView | null}} props */
function Owed({ data }) {
  const list = [...(data?.owed ?? [])].sort((a, b) => (b.overdue ?? 0) - (a.overdue ?? 0) || b.open - a.open);
  if (!list.length) return null;
  return html`<${Panel} id="owed" title="Owed, by rule" scroll=${false}><ul class="lines">${list.map((one) => html`<li key=${one.rule} class=${`line-item${one.overdue ? " edge-bad" : ""}`}><div class="line-open duty-grid"><span class="line-text">${one.says}</span><span class="line-when"><b class="num">${one.open}</b>${one.overdue ? html` <span class="badge badge-bad">${one.overdue} overdue</span>` : null}</span>
    <span class="line-sub">${one.owed_by} · <span class="code">${one.rule}</span></span>${one.first_due ? html`<span class="line-when"><${Countdown} until=${one.first_due} soon_s=${900} over="over" /></span>` : null}</div></li>`)}</ul><//>`;
}

function Bar() {
  const bar = /** @type {import("../types.d.ts").BarRow | undefined} */ (Object.values(rows("bar")).find((one) => one.in_force !== false));
  const acts = [["bar", "SetArrestBar", bar ? "Set anew…" : "Set the bar…"], ...(bar ? [["readbar", "AcknowledgeArrestBar", "Read…"], ["tellbar", "AnnounceArrestBar", "Announced…"]] : [])].filter(([, cmd]) => may(cmd));
  return html`<${Panel} id="bar" title="Bar for arrest" scroll=${false}>
    <div class="panel-pad">${bar ? html`${bar.words ? html`<blockquote>${bar.words}</blockquote>` : null}
      <dl class="facts"><dt>Cited only</dt><dd>${bar.cited?.join(", ") || "nothing"}</dd><dt>Custody</dt><dd>${bar.custody?.join(", ") || "nothing"}</dd>${bar.declined?.length ? html`<dt>Declined</dt><dd>${bar.declined.join(", ")}</dd>` : null}
        <dt>Set</dt><dd><${Time} at=${bar.since} /> · <${WhoText} who=${bar.by} /></dd><dt>Read by</dt><dd>${bar.read ?? 0}${bar.unread?.length ? html` <span class="badge badge-warn">${bar.unread.length} on duty have not</span><span class="sub">${bar.unread.slice(0, 8).map((one) => one.name || one.person).join(", ")}${bar.unread.length > 8 ? " …" : ""}</span>` : html` <span class="badge badge-ok">✓ all on duty</span>`}</dd>
        <dt>Announced</dt><dd>${bar.announced?.length ? bar.announced.join(", ") : html`<span class="badge badge-warn">not to the demonstrators yet</span>`}</dd></dl>` : html`<p class="warn-text">No bar for arrest is set: officers do not know beforehand what is cited and what leads to custody.</p>`}
      <div class="acts">${acts.map(([kind, , words]) => html`<button key=${kind} type="button" class="button small" onClick=${() => openDrawer(kind, kind === "bar" ? "" : bar?.id ?? "")}>${words}</button>`)}</div></div><//>`;
}

/** The operation, and its arrests, out of the system. */
function OnPaper() {
  if (!mayExport()) return null;
  /** @type {[string, string, string][]} */
  const papers = [["The operation as PDF", "operation.pdf", "operation.pdf"]];
  if (!replaying.value) papers.push(["Arrests as a table", "tables/arrests.csv", "arrests.csv"], ["Arrests as NIBRS has them", "tables/nibrs.csv", "nibrs.csv"], ["What NIBRS’s rules say of it", "tables/nibrs-faults.csv", "nibrs-faults.csv"]);
  if (!replaying.value) papers.push(["The log, to be verified", "export", "log.ndjson"], ["Its signed head", "checkpoint", "head.txt"], ["The key that signs heads", "/checkpoint-keys", "keys.txt"]);
  return html`<${Panel} id="papers" title="Papers" scroll=${false}><div class="panel-pad"><${Papers} papers=${papers} />
    ${replaying.value ? null : html`<p class="small muted">Without this server: <span class="code">muster verify log.ndjson --vkey KEY --checkpoint head.txt</span></p>`}</div><//>`;
}

/** Declarations of many arrests, running ones first. */
function Many() {
  const now = live.clock.now();
  const list = /** @type {import("../types.d.ts").HighVolumeRow[]} */ (Object.values(rows("high_volume"))).filter((one) => !one.ended).sort((a, b) => Date.parse(b.since) - Date.parse(a.since)).slice(0, 3);
  if (!list.length && !may("DeclareHighVolume")) return null;
  return html`<${Panel} id="many" title="Many arrests" scroll=${false}><div class="panel-pad">
    ${list.length ? list.map((one) => html`<div key=${one.id} class=${Date.parse(one.until) <= now ? "row-off" : ""}><p><strong>${one.sector ? sectorName(one.sector) : "Everywhere"}</strong> · <${Countdown} until=${one.until} soon_s=${900} over="ago: it has ended" /></p><p class="small">Declared <${Time} at=${one.since} /> by <${WhoText} who=${one.by} />${one.procedure_written ? " · a written procedure stands in place of the full record" : ""}</p>
      ${one.reason ? html`<p class="small"><span class="muted">Why: </span>${one.reason}</p>` : null}${one.alternatives ? html`<p class="small"><span class="muted">Considered: </span>${one.alternatives}</p>` : null}${may("EndHighVolume") ? html`<button type="button" class="button small" onClick=${() => openDrawer("manyover", one.id)}>End it…</button>` : null}</div>`) : html`<p class="muted">Not declared.</p>`}
    ${may("DeclareHighVolume") ? html`<div class="acts"><button type="button" class="button small" onClick=${() => openDrawer("many")}>Declare…</button></div>` : null}</div><//>`;
}
