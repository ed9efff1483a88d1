/**
 * One form for everything that is asked or reported. A form is a list of fields and one or more ways to send them, none of
 * which is the default: pressing Enter sends nothing. What is typed is kept as a draft at every keystroke.
 */
import { html, useEffect, useRef, useState } from "../lib.js";
import { Decision, FindingText } from "../decision.js";
import { readDraft, writeDraft } from "../drafts.js";
import { send, sent } from "../outbox.js";
import { closeDrawer, openDrawer, openPage } from "../url.js";
import { upload } from "../uploads.js";
import { lastTimeAt, zoneName } from "../time.js";
import { live, zone } from "../store.js";
import { ID } from "./options.js";
import { Field } from "./fields.js";

/**
 * @typedef {object} FieldSpec
 * @property {string} name
 * @property {string} label
 * @property {"line" | "note" | "select" | "checks" | "tri" | "time" | "place" | "rejected" | "number" | "check" | "level" | "ids" | "training" | "photo" | "shown"} kind
 * @property {string} [hint]
 * @property {boolean} [required]
 * @property {readonly (readonly [string, string])[]} [options] value and words
 * @property {(values: Record<string, any>) => readonly (readonly [string, string])[]} [choose] options that hang on other answers
 * @property {number} [rows] of a note
 * @property {(values: Record<string, any>, set?: (value: any) => void) => any} [show] what a `shown` field says beside the answers given so far
 * @property {string} [none] words of a select's empty choice
 * @property {readonly string[]} [suggest]
 * @property {number} [max]
 * @property {RegExp} [pattern]
 * @property {string} [shape] what the pattern means, in words
 * @property {readonly any[]} [rungs]
 * @property {string} [current]
 */

/**
 * @typedef {object} Way
 * @property {string | ((values: Record<string, any>) => string)} label
 * @property {string} [tone]
 * @property {(values: Record<string, any>) => (Record<string, unknown> & {type: string}) | (Record<string, unknown> & {type: string})[]} [build] several are sent as one; none: this way sends nothing and opens another drawer
 * @property {readonly [string, string]} [open] that drawer; an empty name closes this one
 */

/** @param {FieldSpec} field @param {any} value */
export function complaint(field, value) {
  const empty = value === undefined || value === "" || value === null || value === false || (Array.isArray(value) && !value.length);
  if (empty) return field.required ? `${field.label}: needed` : "";
  if (field.max && typeof value === "string" && value.length > field.max) return `${field.label}: at most ${field.max} characters, this is ${value.length}`;
  if (field.pattern && !field.pattern.test(value)) return `${field.label}: ${field.shape}`;
  if (field.kind === "ids" && value.some((/** @type {string} */ one) => !ID.test(one))) return `${field.label}: each is an id of the plan, like no-permit`;
  if (field.kind === "training" && value.some((/** @type {any} */ one) => !ID.test(one.course) || (one.expires && !(/^\d{4}-\d\d-\d\d$/.test(one.expires) && Date.parse(one.expires) > 0)))) return `${field.label}: each course by its id, like crowd-management, and a whole date`;
  if (field.kind === "time" && !lastTimeAt(value, live.clock.now(), zone())) return `${field.label}: hours and minutes, like 14:05`;
  return "";
}

/**
 * @param {{incident: string, id: string, title: string, intro?: any, fields: readonly FieldSpec[], ways: readonly Way[],
 *   validate?: (values: Record<string, any>) => string[], initial?: Record<string, any>, after?: (id: string) => import("./options.js").After[], children?: any}} props
 */
export function Form({ incident, id, title, intro, fields, ways, validate, initial, after, children }) {
  const [values, setValues] = useState(() => ({ ...initial, ...readDraft(incident, id) }));
  const [about, setAbout] = useState("");
  const [errors, setErrors] = useState(/** @type {[string, string][]} */ ([]));
  const [cmd, setCmd] = useState(() => sent.value.find((one) => one.form === id && one.incident === incident && one.state === "waiting")?.cmd ?? "");
  const top = useRef(/** @type {HTMLElement | null} */ (null));
  const item = cmd ? sent.value.find((one) => one.cmd === cmd) : undefined;

  useEffect(() => { if (errors.length) top.current?.focus(); }, [errors]);
  useEffect(() => {
    if (!item) return;
    if (item.state === "accepted" && !item.finding && !after) closeDrawer();
    else if (item.state !== "waiting") top.current?.focus();
  }, [item?.state]);

  /** @param {string} name @param {any} value */
  function change(name, value) {
    const next = { ...values, [name]: value };
    setValues(next);
    writeDraft(incident, id, next);
  }

  /** @param {Way} way */
  function submit(way) {
    if (!way.build) return way.open?.[0] ? openDrawer(...way.open) : closeDrawer();
    /** @type {[string, string][]} */
    const wrong = [];
    for (const field of fields) {
      const said = complaint(field, values[field.name]);
      if (said) wrong.push([field.name, said]);
    }
    if (!wrong.length) for (const said of validate?.(values) ?? []) wrong.push(["", said]);
    setErrors(wrong);
    if (wrong.length) return undefined;
    const occurred_at = values.when ? lastTimeAt(values.when, live.clock.now(), zone()) : null;
    const made = way.build(values);
    setAbout(String((Array.isArray(made) ? made[0] : made).arrest ?? ""));
    void send(incident, title, id, made, { occurred_at }).then((one) => { if (one.state === "accepted") filesOf(made).forEach((file) => void upload(incident, file)); });
    setCmd(sent.value[sent.value.length - 1].cmd);
    return undefined;
  }

  if (item?.state === "accepted") return html`<${Recorded} item=${item} top=${top} after=${after?.(about) ?? []} />`;
  const waiting = item?.state === "waiting";
  const wrongNames = new Set(errors.map(([name]) => name));
  return html`<form class="form" novalidate autocomplete="off" onSubmit=${(/** @type {Event} */ e) => e.preventDefault()}>
    ${intro ? html`<div class="form-intro">${intro}</div>` : null}
    ${item?.state === "refused" || item?.state === "failed" ? html`<${Refused} item=${item} top=${top} />` : null}
    ${errors.length ? html`<div class="form-errors" role="alert" tabindex="-1" ref=${top}>
      <h3>${errors.length === 1 ? "One answer to look at" : `${errors.length} answers to look at`}</h3>
      <ul>${errors.map(([name, words]) => html`<li key=${name + words}>${name ? html`<a href=${`#f-${name}`} onClick=${(/** @type {Event} */ e) => { e.preventDefault(); document.getElementById(`f-${name}`)?.focus(); }}>${words}</a>` : words}</li>`)}</ul>
    </div>` : null}
    ${children}
    <fieldset class="form-fields" disabled=${waiting}>
      <legend class="sr">${title}</legend>
      ${fields.map((field) => html`<${Field} key=${field.name} field=${field.choose ? { ...field, options: field.choose(values) } : field} values=${values} value=${values[field.name]} wrong=${wrongNames.has(field.name)}
        change=${(/** @type {any} */ value) => change(field.name, value)} zone=${zoneName(live.clock.now(), zone())} />`)}
    </fieldset>
    ${waiting ? html`<p class="form-waiting" role="status">Waiting for the server${item && item.tries > 1 ? ` (try ${item.tries})` : ""}. You may close this: it is kept and sent once.</p>` : null}
    <div class=${`form-ways${ways.length === 2 ? " form-ways-two" : ""}`}>
      ${ways.map((way, n) => html`<button key=${n} type="button" class=${`button ${way.tone ?? ""}`} disabled=${waiting} onClick=${() => submit(way)}>${typeof way.label === "string" ? way.label : way.label(values)}</button>`)}
    </div>
  </form>`;
}

/** The files that commands report: their bytes follow once the report is on record. @param {any} made @returns {any[]} */
const filesOf = (made) => (Array.isArray(made) ? made : [made]).filter((one) => one.type === "AddAttachment");

/** @param {{item: import("../outbox.js").Sent, top: any}} props */
function Refused({ item, top }) {
  return html`<div class="form-refused" role="alert" tabindex="-1" ref=${top}>
    ${item.decision
      ? html`<${Decision} decision=${item.decision} heading=${item.decision.effect === "missing" ? "Refused: something is missing" : "Refused by the plan"} />`
      : html`<p class="decision-head"><span class="mark" aria-hidden="true">✕</span> ${item.state === "refused" ? "Refused" : "Not taken"}</p><p>${item.problem ?? "no reason was given"}</p>`}
    ${item.seq ? html`<p class="muted">The refusal is recorded as #${item.seq}. What you wrote is kept below.</p>` : html`<p class="muted">What you wrote is kept below.</p>`}
  </div>`;
}

/** A report with a finding, or with what often follows: recorded in any case, and how it stands by which rule. @param {{item: import("../outbox.js").Sent, top: any, after: readonly import("./options.js").After[]}} props */
function Recorded({ item, top, after }) {
  return html`<div class="form-recorded" role="status" tabindex="-1" ref=${top}>
    <p class="recorded">Recorded as #${item.seq}.</p>
    ${item.finding ? html`<p>How it stands:</p><${FindingText} finding=${item.finding} />` : null}
    <div class="acts">${after.map((one) => html`<button key=${one.words} type="button" class="button" onClick=${() => (one.page ? openPage("record", one.page) : openDrawer(...(one.open ?? ["", ""])))}>${one.words}</button>`)}
      <button type="button" class="button" onClick=${() => closeDrawer()}>Close</button></div>
  </div>`;
}
