/** How the plan's answers look: what is refused or missing, why, by which rule and source, and who may. */
import { html } from "./lib.js";
import { world, zone } from "./store.js";
import { countText, fullText, minuteText, zoneName } from "./time.js";
import { secondsLeft } from "./parts.js";

/** @type {Record<string, [string, string]>} */
const VERIFIED = {
  V: ["V · verified", "read in the source"],
  P: ["P · partly verified: check with counsel", "read in part, or in a report of it"],
  G: ["G · not verified: check with counsel", "general knowledge: check before relying on it"],
};

/** @type {Record<string, string>} */
export const EFFECT = {
  "not barred": "The plan does not bar this",
  missing: "Something is missing",
  refused: "The plan does not allow this",
};

/** @param {{rule: import("./types.d.ts").RuleRef}} props */
export function Rule({ rule }) {
  const mark = VERIFIED[rule.verified ?? ""];
  return html`<li class="rule">
    <p>${rule.says}</p>
    <p class="rule-source">
      ${mark ? html`<span class=${`verified verified-${rule.verified}`} title=${mark[1]}>${mark[0]}</span>` : html`<span class="verified">local plan</span>`}
      <span>${rule.source || "no source given"}</span>
      <span class="code">${rule.pack} · ${rule.rule}</span>
    </p>
  </li>`;
}

/** @param {{rules?: readonly import("./types.d.ts").RuleRef[], open?: boolean}} props */
export function Rules({ rules, open }) {
  if (!rules?.length) return null;
  return html`<details class="rules" open=${open}>
    <summary>${rules.length === 1 ? "The rule" : `The ${rules.length} rules`}</summary>
    <ul>${rules.map((rule) => html`<${Rule} key=${`${rule.pack}.${rule.rule}`} rule=${rule} />`)}</ul>
  </details>`;
}

/**
 * What each pack of a stack set, field by field; nothing where one pack set it all.
 * @param {{bound?: readonly import("./types.d.ts").Bound[]}} props
 */
function Bounds({ bound }) {
  if (!bound || new Set(bound.map((one) => one.pack)).size < 2) return null;
  const words = (/** @type {string} */ field) => field.replace(".", ": ").replaceAll("_", " ");
  return html`<details class="rules">
    <summary>Which pack set what</summary>
    <ul>${bound.map((one, i) => html`<li class="rule" key=${i}><p>${words(one.field)}: ${one.value}</p><p class="rule-source"><span class="code">${one.pack} · ${one.rule}</span></p></li>`)}</ul>
  </details>`;
}

/** @param {{title: string, items?: readonly string[]}} props */
function Lines({ title, items }) {
  if (!items?.length) return null;
  return html`<div class="decision-part"><p class="part-title">${title}</p><ul>${items.map((item, i) => html`<li key=${i}><${MissingLine} text=${item} /></li>`)}</ul></div>`;
}

const MOMENT = /(possible at|until) (\d\d):(\d\d):(\d\d) UTC/;
const DAY_MS = 86_400_000;

/** The moment nearest to now that a UTC time of day names. @param {RegExpExecArray} found */
function momentOf(found) {
  const now = world.value.clock.now();
  const at = Math.floor(now / DAY_MS) * DAY_MS + (Number(found[2]) * 3600 + Number(found[3]) * 60 + Number(found[4])) * 1000;
  return new Date(at + Math.round((now - at) / DAY_MS) * DAY_MS).toISOString();
}

/** One thing that is missing. A moment in it is counted down: "third warning of 3 possible in 0:47". @param {{text: string}} props */
export function MissingLine({ text }) {
  const words = text.replace(/^[a-z0-9]+(-[a-z0-9]+)+(?=: )/, (id) => id.replaceAll("-", " ")).replace(/, possible now$/, " possible now");
  const found = MOMENT.exec(words);
  if (!found) return words;
  const left_s = Math.ceil(secondsLeft(momentOf(found)));
  const waits = found[1] === "until";
  const clock = left_s > 0 ? html`<strong class="num warn-text">${countText(left_s)}</strong>` : null;
  return html`${words.slice(0, found.index).replace(/, $/, " ")}${clock ? waits ? html`${clock} to go` : html`possible in ${clock}` : waits ? "it is over" : "possible now"}${words.slice(found.index + found[0].length)}`;
}

/** @param {{decision: import("./types.d.ts").Decision, heading?: string}} props */
export function Decision({ decision, heading }) {
  const until = decision.until;
  return html`<div class=${`decision effect-${decision.effect.replace(" ", "-")}`}>
    <p class="decision-head"><span class="mark" aria-hidden="true">${decision.effect === "refused" ? "✕" : decision.effect === "missing" ? "?" : "–"}</span>
      ${heading ?? EFFECT[decision.effect]}</p>
    <${Lines} title="Why" items=${decision.reasons} />
    <${Lines} title="What is missing" items=${decision.missing} />
    <${Lines} title="Who may" items=${decision.who_may} />
    ${until ? html`<p class="decision-until">This can change at <time datetime=${until} title=${fullText(until, zone())}>${minuteText(until, zone())} ${zoneName(until, zone())}</time>.</p>` : null}
    <${Rules} rules=${decision.rules} open=${decision.effect !== "not barred"} />
    <${Bounds} bound=${decision.bound} />
  </div>`;
}

/** @type {Record<string, [string, string, string]>} kind -> class, sign, short words */
export const FINDINGS = {
  authorized: ["ok", "✓", "authorized"],
  exigent: ["warn", "!", "exigent"],
  "no authorization on record": ["bad", "✕", "no authorization on record"],
  "contrary to plan": ["bad", "✕", "contrary to plan"],
  "cannot tell": ["warn", "?", "cannot tell"],
};

/** @param {{kind: string}} props */
export function FindingBadge({ kind }) {
  const [tone, sign, words] = FINDINGS[kind] ?? ["warn", "?", kind];
  return html`<span class=${`badge badge-${tone}`}><span aria-hidden="true">${sign} </span>${words}</span>`;
}

/** @param {{finding: import("./types.d.ts").Finding}} props */
export function FindingText({ finding }) {
  return html`<div class="decision">
    <p class="decision-head"><${FindingBadge} kind=${finding.kind} /></p>
    <${Lines} title="Why" items=${finding.reasons} />
    <${Rules} rules=${finding.rules} open />
  </div>`;
}

/** @param {{origin?: import("./types.d.ts").Origin | null}} props */
export function OriginMark({ origin }) {
  if (!origin) return null;
  const words = { import: "imported", script: "scripted", paper: "from paper", quarantine: "held back first" }[origin.kind] ?? origin.kind;
  const from = [origin.source, origin.record, origin.line ? `line ${origin.line}` : ""].filter(Boolean).join(" · ");
  return html`<span class=${`origin origin-${origin.kind}`} title=${from || words}>${words}</span>`;
}

/** @param {{who?: import("./types.d.ts").Who | null, none?: string}} props */
export function WhoText({ who, none = "nobody" }) {
  if (!who) return html`<span class="muted">${none}</span>`;
  return html`<span>${who.name || who.person}${who.position ? html`<span class="muted"> · ${positionName(who.position)}</span>` : null}${who.agency ? html`<span class="muted"> · ${agencyName(who.agency)}</span>` : null}</span>`;
}

/** @param {string} id */
export function agencyName(id) {
  return /** @type {any} */ (world.value.sections.agencies.value[id])?.name ?? id;
}

/** @param {string} id */
export function positionName(id) {
  return /** @type {any} */ (world.value.sections.positions.value[id])?.title ?? id.replaceAll("-", " ");
}
