/** The top of the screen: which incident, who commands, what time it is here, and how far the picture can be trusted. */
import { html } from "./lib.js";
import { incident, link, live, may, ownShare, replaying, rows, shown, world, zone } from "./store.js";
import { clockText, dayText, minuteText, spanText, tick, zoneName } from "./time.js";
import { retryNow } from "./socket.js";
import { openDrawer, openPage, param, setParams } from "./url.js";
import { WhoText } from "./decision.js";
import { LevelBadge, Time, isLapsed, levelTitle } from "./parts.js";
import { ThemeSwitch } from "./theme.js";
import { SoundSwitch } from "./audio.js";
import { mayExport } from "./downloads.js";
import { lock, signOut } from "./session.js";
import { LensSwitch } from "./lens_switch.js";

export function Header() {
  const here = incident();
  const me = live.me.value;
  if (!here) return null;
  return html`<header class="top">
    <div class="top-name"><a class="brand" href="/?list=1" aria-label="Muster: all incidents">Muster</a>
      <div><div class="top-title"><h1>${here.name}</h1><${PlanLine} /></div><p>${here.status === "closed" ? html`<span class="badge badge-warn">closed</span> ` : null}<${Command} /></p></div></div>
    <${Summary} />
    <${LensSwitch} />
    <div class="top-clock"><${Clock} /></div>
    <${LinkPill} />
    <nav class="top-acts" aria-label="Acts and settings">
      ${!replaying.value && (me?.may ?? []).length ? html`<button type="button" class="button strong" onClick=${() => openDrawer("record")}>Record <kbd>r</kbd></button>` : null}
      ${Object.keys(rows("arrests")).length || Object.keys(rows("sites")).length || may("RecordArrest") || mayExport() ? html`<button type="button" class="button" aria-pressed=${!!param("view")} onClick=${() => openPage(param("view") ? "" : "processing")}>Arrests</button>` : null}
      <button type="button" class="button" aria-pressed=${replaying.value} onClick=${() => setParams({ at: replaying.value ? "" : String(live.position()?.seq ?? 1) })}>Replay</button>
      <details class="menu-more"><summary class="button">More</summary><div class="menu-sheet">
        <p class="menu-me"><strong>${me?.name || me?.person}</strong><br />${me?.role} · sees as ${me?.lens}</p>
        <${ThemeSwitch} /><${SoundSwitch} />
        <button type="button" class="menu-item" onClick=${() => openDrawer("plan")}>The plan</button>
        <button type="button" class="menu-item" onClick=${() => openDrawer("oversight")}>Help and oversight</button>
        <button type="button" class="menu-item" onClick=${() => openDrawer("sent")}>What I sent</button>
        <button type="button" class="menu-item" onClick=${() => openDrawer("keys")}>Keys <kbd>?</kbd></button>
        <button type="button" class="menu-item" onClick=${() => window.print()}>Print</button>
        <a class="menu-item" href="/account">My sign-in and sessions</a>
        <button type="button" class="menu-item" onClick=${lock}>Lock, or switch user</button>
        <button type="button" class="menu-item" onClick=${signOut}>Sign out</button>
      </div></details>
    </nav>
  </header>`;
}

export function Command() {
  const here = incident();
  return html`<span><abbr title="Incident commander">IC</abbr> ${here?.commander ? html`<strong><${WhoText} who=${{ ...here.commander, position: "", agency: "" }} /></strong>` : html`<strong class="bad-text">nobody</strong>`}
    ${here?.commander_since ? html`<span class="muted"> since <${Time} at=${here.commander_since} /></span>` : null}</span>`;
}

/** The plan in force: its most local pack by title and digest, and since when. */
function PlanLine() {
  const here = incident();
  const local = here?.plan?.[here.plan.length - 1];
  if (!here || !local) return null;
  const since = here.plan_since ? `, since ${minuteText(here.plan_since, zone())} ${zoneName(here.plan_since, zone())}` : "";
  return html`<button type="button" class="linkish plan-line" aria-label=${`The plan: ${local.title}, ${local.digest.slice(0, 8)}${since}${here.plan_changes ? "; it was changed during the incident" : ""}`} title=${`${local.title}${since}\n${(here.packs ?? []).join("\n")}`} onClick=${() => openDrawer("plan")}>
    ${here.plan_changes ? html`<span class="badge badge-warn">plan changed</span> ` : "Plan "}<code>${local.digest.slice(0, 8)}</code></button>`;
}

/** The incident in one line: sectors at each level, what lapsed, what waits, what is not authorized. */
export function Summary() {
  const sectors = Object.values(rows("sectors"));
  /** @type {Map<string, {order: number, id: string, n: number}>} */
  const levels = new Map();
  for (const one of sectors) {
    const held = levels.get(one.level) ?? { order: one.level_order, id: one.level, n: 0 };
    held.n += 1;
    levels.set(one.level, held);
  }
  const lapsed = sectors.filter(isLapsed).length;
  const asks = Object.values(rows("asks")).filter((ask) => Date.parse(ask.expires) > world.value.clock.now()).length;
  const findings = Object.values(rows("findings")).filter((one) => one.finding.kind === "no authorization on record" || one.finding.kind === "contrary to plan").length;
  const overdue = Object.values(rows("duties")).filter((one) => !one.done_at && one.due && Date.parse(one.due) <= world.value.clock.now()).length;
  const partly = ownShare() || !(shown("asks") && shown("findings") && shown("duties"));
  const custody = Object.keys(rows("custody")).length;
  return html`<div class="summary"><ul aria-label="Sectors at each level">
    ${[...levels.values()].sort((a, b) => b.order - a.order).map((one) => html`<li key=${one.id} title=${`${one.n} at ${levelTitle(one.id)}`}><${LevelBadge} order=${one.order} id=${one.id} /><span><b>${one.n}</b> <span class="sr">${one.n === 1 ? "sector" : "sectors"} at ${levelTitle(one.id)}</span></span></li>`)}
    </ul><ul aria-label="What needs someone">
    <${Figure} n=${lapsed} word="lapsed" tone="bad" go="sectors" />
    <${Figure} n=${asks} word=${asks === 1 ? "request waits" : "requests wait"} tone="warn" go="asks" />
    <${Figure} n=${findings} word="not authorized" tone="bad" go="findings" />
    <${Figure} n=${overdue} word="overdue" tone="bad" go="duties" />
    ${lapsed + asks + findings + overdue ? null : html`<li class="muted">${partly ? "Of what you are shown, nothing has lapsed, waits or is overdue." : "Nothing has lapsed, waits or is overdue."}</li>`}
    ${custody ? html`<li><button type="button" class="figure" onClick=${() => { openPage("processing"); setParams({ pv: "custody" }); }}><b>${custody}</b> <span class="summary-word">${ownShare() ? "of yours in custody" : "in custody"}</span></button></li>` : null}
  </ul></div>`;
}

/** @param {{n: number, word: string, tone: string, go: string}} props */
function Figure({ n, word, tone, go }) {
  if (!n) return null;
  return html`<li><button type="button" class=${`figure figure-${tone}`} onClick=${() => goPanel(go)}><b>${n}</b> <span class="summary-word">${word}</span></button></li>`;
}

/** @param {string} id */
export function goPanel(id) {
  if (param("view") && !document.getElementById(`${id}-title`)) {
    openPage("");
    requestAnimationFrame(() => requestAnimationFrame(() => goPanel(id)));
    return;
  }
  const title = document.getElementById(`${id}-title`);
  title?.scrollIntoView({ block: "nearest" });
  title?.focus();
}

export function Clock() {
  void tick.value;
  const now = world.value.clock.now();
  if (!world.value.clock.known()) return null;
  return html`<p class="clock"><span class="clock-time num">${clockText(now, zone())}</span><span class="clock-zone">${zoneName(now, zone())}<br /><span class="muted">${dayText(now, zone())}</span></span></p>`;
}

/** How old the picture is, in seconds of this machine. */
function pictureAge() {
  void tick.value;
  return link.heard_ms.value < 0 ? NaN : (performance.now() - link.heard_ms.value) / 1000;
}

/** @type {Record<string, [string, string]>} */
const STATES = {
  live: ["●", "Live"], connecting: ["◌", "Connecting"], stale: ["▲", "Silent"], reconnecting: ["▲", "Reconnecting"],
  "signed out": ["✕", "Signed out"], denied: ["✕", "Access ended"], "not found": ["✕", "Not found"],
};

export function LinkPill() {
  const state = link.state.value;
  const age = pictureAge();
  const [sign, word] = STATES[state];
  return html`<p class=${`link link-${state.replace(" ", "-")}`} id="link"><span aria-hidden="true">${sign}</span><strong>${word}</strong>
    <span class="muted">${Number.isNaN(age) ? "no data yet" : `heard ${spanText(age)} ago`} · #${live.at.value?.seq ?? 0}</span></p>`;
}

/** Banners that must not be missed: an exercise clock, a replay, a picture that is not the present, an end of access. */
export function Banners() {
  const state = link.state.value;
  const clock = live.clock;
  const gap = link.gap.value;
  return html`<section class="banners" aria-label="Notices">
    ${clock.exercise.value ? html`<p class="banner banner-exercise"><strong>EXERCISE CLOCK ×${clock.rate.value}</strong> <span>This incident runs on its own clock: no time on this screen is the actual time of day.</span></p>` : null}
    ${replaying.value ? html`<p class="banner banner-replay" id="replay-banner"><strong>REPLAY</strong> <span>You see <${ReplayTime} />. What goes on now is not on this screen; nothing can be ordered from it.</span>
      <button type="button" class="button small" onClick=${() => setParams({ at: "" })}>Back to live</button></p>` : null}
    ${state === "live" || state === "connecting" ? null : html`<${CutBanner} state=${state} />`}
    ${gap ? html`<p class="banner banner-info"><strong>The picture was fetched anew</strong> <span>after #${gap.since} (${gap.reason}); the log has every event up to #${gap.upto}.</span> <button type="button" class="button small" onClick=${() => { link.gap.value = null; }}>Put away</button></p>` : null}
  </section>`;
}

function ReplayTime() {
  const now = world.value.clock.now();
  return html`<strong class="num">${dayText(now, zone())}, ${clockText(now, zone())} ${zoneName(now, zone())}</strong> (#${world.value.at.value?.seq ?? 0})`;
}

/** @param {{state: string}} props */
function CutBanner({ state }) {
  const age = pictureAge();
  if (state === "signed out") return html`<p class="banner banner-bad" role="alert"><strong>You are signed out.</strong> <span>The picture below no longer changes. What you were typing is kept for you.</span></p>`;
  if (state === "denied") return html`<p class="banner banner-bad" role="alert"><strong>Your access to this incident has ended.</strong> <span>The picture below no longer changes.</span></p>`;
  if (state === "not found") return html`<p class="banner banner-bad" role="alert"><strong>There is no such incident, or you have no access to it.</strong> <a href="/?list=1">All incidents</a></p>`;
  const wait = Math.max(0, (link.retry_ms.value - performance.now()) / 1000);
  return html`<p class="banner banner-cut" role="status"><strong>${state === "stale" ? "The server is silent." : "The line to the server is cut."}</strong>
    <span>${Number.isNaN(age) ? "There is no picture yet." : html`What you see is <b class="num">${spanText(age)}</b> old.`} What you send is kept and sent once the line is back.${state === "reconnecting" ? ` ${wait >= 1 ? `Next try in ${Math.ceil(wait)} s.` : "Trying now."}` : ""}</span>
    ${state === "reconnecting" ? html`<button type="button" class="button small" onClick=${retryNow}>Try now</button>` : null}</p>`;
}

