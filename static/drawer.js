/** The drawer beside the screen: a form, an event, a sector. It never covers the map, never takes the focus from elsewhere. */
import { html, useEffect, useRef } from "./lib.js";
import { Form } from "./forms/form.js";
import { MENU, SPECS } from "./forms/specs.js";
import { closeDrawer, drawer, openDrawer } from "./url.js";
import { incident, live, may, replaying } from "./store.js";
import { openDrafts } from "./drafts.js";
import { EntryDetail } from "./panels/entry.js";
import { SectorDetail } from "./panels/sector_detail.js";
import { AskFacts } from "./panels/asks.js";
import { GrantFacts } from "./panels/grants.js";
import { CareDetail } from "./panels/aftercare.js";
import { OversightDetail } from "./panels/oversight.js";
import { PlanPage } from "./panels/plan.js";
import { learn, told } from "./plan.js";
import { KeysHelp } from "./keys.js";
import { SentList } from "./panels/sent.js";
import { UnitDetail } from "./panels/units.js";
import { PersonDetail } from "./panels/people.js";
import { HeldDetail } from "./panels/held.js";

export function Drawer() {
  const [kind, key] = drawer();
  const frame = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    if (kind && !told.peek()) void learn();
    if (kind) frame.current?.querySelector("h2")?.focus();
  }, [kind, key]);
  if (!kind || !incident()) return null;
  const inner = content(kind, key);
  return html`<aside class="drawer" id="drawer" ref=${frame} aria-labelledby="drawer-title" key=${`${kind}~${key}`}>
    <header class="drawer-head">
      <h2 id="drawer-title" tabindex="-1">${inner.title}</h2>
      <button type="button" class="button quiet" onClick=${() => closeDrawer()}>Close <kbd>Esc</kbd></button>
    </header>
    <div class="drawer-body scroll" tabindex="0" role="group" aria-labelledby="drawer-title">${inner.body}</div>
  </aside>`;
}

/** @param {string} kind @param {string} key @returns {{title: any, body: any}} */
function content(kind, key) {
  switch (kind) {
    case "entry": return { title: `Event #${key}`, body: html`<${EntryDetail} seq=${Number(key)} />` };
    case "sector": return { title: `Sector ${key}`, body: html`<${SectorDetail} id=${key} />` };
    case "unit-detail": return { title: "Unit", body: html`<${UnitDetail} id=${key} />` };
    case "person": return { title: "Person on duty", body: html`<${PersonDetail} id=${key} />` };
    case "grant-detail": return { title: "Force authorized", body: html`<${GrantFacts} id=${key} acts />` };
    case "care": return { title: "After force", body: html`<${CareDetail} id=${key} />` };
    case "held": return { title: "In custody", body: html`<${HeldDetail} id=${key} />` };
    case "oversight": return { title: "Help and oversight", body: html`<${OversightDetail} />` };
    case "plan": return { title: "The plan", body: html`<${PlanPage} />` };
    case "record": return { title: "Record or order", body: html`<${RecordMenu} />` };
    case "keys": return { title: "Keys", body: html`<${KeysHelp} />` };
    case "sent": return { title: "What you sent", body: html`<${SentList} />` };
    default: return formContent(kind, key);
  }
}

/** Forms that answer an ask or act on a grant: what they answer stands above them. */
const ABOVE = new Set(["grant", "deny", "withdraw", "grantforce", "relay", "cosign", "callback", "postureask", "renewgrant", "revoke", "confirmrelay"]);

/** @param {string} kind @param {string} key */
function formContent(kind, key) {
  const make = Object.hasOwn(SPECS, kind) ? SPECS[kind] : undefined;
  const id = live.position()?.log ?? "";
  if (!make) return { title: "Nothing here", body: html`<p class="empty">There is no such form.</p>` };
  const spec = make(key);
  if (replaying.value) return { title: spec.title, body: html`<p class="empty">This is a replay. Go back to the live picture to act; what you had typed is kept.</p>` };
  if (!may(spec.command) && !spec.ways.length) return { title: spec.title, body: html`<p class="empty">Your role here does not send this.</p>` };
  if (spec.ready === false) return { title: spec.title, body: html`<p class="empty" role="status">Fetching the current state…</p>` };
  const form = key ? `${kind}~${key}` : kind;
  return { title: spec.title, body: html`<${Form} key=${form} incident=${id} id=${form} title=${spec.title} intro=${spec.intro} fields=${spec.fields} ways=${spec.ways} validate=${spec.validate} initial=${spec.initial} after=${spec.after}>
    ${ABOVE.has(kind) ? html`<${AskFacts} id=${key} />` : null}</${Form}>` };
}

/** What this person may record or order, and the drafts that are open. */
function RecordMenu() {
  const id = live.position()?.log ?? "";
  const drafts = openDrafts(id);
  return html`<div class="menu">
    ${drafts.length ? html`<h3>Begun and not sent</h3><ul>${drafts.map((name) => html`<li key=${name}><button type="button" class="menu-item" onClick=${() => openDrawer(...cutName(name))}>${draftTitle(name)}</button></li>`)}</ul>` : null}
    ${MENU.map((group) => {
      const names = group.forms.filter((name) => may(SPECS[name]("").command));
      return names.length ? html`<h3>${group.title}</h3><ul>${names.map((name) => html`<li key=${name}><button type="button" class="menu-item" onClick=${() => openDrawer(name)}>${SPECS[name]("").title}</button></li>`)}</ul>` : null;
    })}
    ${replaying.value ? html`<p class="empty">This is a replay; nothing can be recorded in it.</p>` : null}
  </div>`;
}

/** A drawer's name and key; a key of several ids holds the sign itself. @param {string} name @returns {[string, string]} */
function cutName(name) {
  const cut = name.indexOf("~");
  return cut < 0 ? [name, ""] : [name.slice(0, cut), name.slice(cut + 1)];
}

/** @param {string} name */
function draftTitle(name) {
  const [kind, key] = cutName(name);
  return Object.hasOwn(SPECS, kind) ? SPECS[kind](key).title : name;
}
