/** The kinds of field. Each keeps its label, hint and complaint tied to it for a screen reader; none is filled in beforehand. */
import { html, useState } from "../lib.js";
import { picking } from "../map/pick.js";
import { LevelBadge, levelTitle } from "../parts.js";
import { PhotoField } from "./photo.js";

/** @typedef {import("./form.js").FieldSpec} FieldSpec */
/** @typedef {{field: FieldSpec, value: any, change: (value: any) => void, wrong: boolean, zone: string, values?: Record<string, any>}} FieldProps */

/** @param {any} event */
const typed = (event) => event.currentTarget.value;

/** @param {FieldProps} props */
export function Field(props) {
  const { field, wrong } = props;
  if (field.kind === "shown") return field.show?.(props.values ?? {}, props.change) ?? null;
  const id = `f-${field.name}`;
  const hint = [field.hint, field.kind === "time" ? `As on the clock here (${props.zone}). Empty: now.` : ""].filter(Boolean).join(" ");
  const described = hint ? `${id}-hint` : undefined;
  const grouped = ["checks", "tri", "rejected", "place", "level", "ids", "training", "photo"].includes(field.kind);
  const label = html`${field.label}${field.required ? null : html`<span class="optional"> optional</span>`}`;
  const inner = html`<${Control} ...${props} id=${id} described=${described} />`;
  if (grouped) {
    return html`<fieldset class=${`field${wrong ? " field-wrong" : ""}`} id=${id} tabindex="-1" aria-describedby=${described}>
      <legend>${label}</legend>${hint ? html`<p class="hint" id=${described}>${hint}</p>` : null}${inner}</fieldset>`;
  }
  return html`<div class=${`field${wrong ? " field-wrong" : ""}${field.kind === "check" ? " field-check" : ""}`}>
    ${field.kind === "check" ? null : html`<label for=${id}>${label}</label>`}${hint ? html`<p class="hint" id=${described}>${hint}</p>` : null}${inner}</div>`;
}

/** @param {FieldProps & {id: string, described?: string}} props */
function Control({ field, value, change, wrong, id, described }) {
  const common = { id, "aria-describedby": described, "aria-invalid": wrong ? "true" : undefined, "aria-required": field.required ? "true" : undefined };
  switch (field.kind) {
    case "note":
      return html`<textarea ...${common} rows=${field.rows ?? 4} spellcheck="true" autocapitalize="sentences" enterkeyhint="enter" value=${value ?? ""} onInput=${(/** @type {Event} */ e) => change(typed(e))}></textarea>`;
    case "time":
      return html`<input ...${common} class="short" type="text" inputmode="numeric" placeholder="hh:mm" value=${value ?? ""} onInput=${(/** @type {Event} */ e) => change(typed(e))} />`;
    case "number":
      return html`<input ...${common} class="short" type="text" inputmode="numeric" value=${value ?? ""} onInput=${(/** @type {Event} */ e) => change(typed(e))} />`;
    case "select": return html`<${Select} common=${common} field=${field} value=${value} change=${change} />`;
    case "check":
      return html`<label class="choice"><input ...${common} type="checkbox" checked=${!!value} onChange=${(/** @type {any} */ e) => change(e.currentTarget.checked)} /><span>${field.label}</span></label>`;
    case "checks": return html`<${Checks} field=${field} value=${value} change=${change} />`;
    case "ids": return html`<${Ids} field=${field} value=${value} change=${change} id=${id} />`;
    case "photo": return html`<${PhotoField} value=${value} change=${change} id=${id} />`;
    case "training": return html`<${Courses} field=${field} value=${value} change=${change} />`;
    case "tri":
      return html`<div class="choices">${[["yes", "Yes"], ["no", "No"], ["", "Not known"]].map(([word, words]) => html`<label class="choice" key=${word}>
        <input type="radio" name=${id} checked=${(value ?? "") === word} onChange=${() => change(word)} /><span>${words}</span></label>`)}</div>`;
    case "level": return html`<${Ladder} id=${id} field=${field} value=${value} change=${change} />`;
    case "place": return html`<${PlaceField} value=${value} change=${change} />`;
    case "rejected": return html`<${Rejected} value=${value} change=${change} />`;
    default:
      return html`<input ...${common} type="text" list=${field.suggest ? `${id}-list` : undefined} value=${value ?? ""} onInput=${(/** @type {Event} */ e) => change(typed(e))} />
        ${field.suggest ? html`<datalist id=${`${id}-list`}>${field.suggest.map((word) => html`<option key=${word} value=${word}></option>`)}</datalist>` : null}`;
  }
}

/** @param {{common: any, field: FieldSpec, value: any, change: (value: any) => void}} props */
function Select({ common, field, value, change }) {
  const options = field.options ?? [];
  const gone = value && !options.some(([word]) => word === value); // chosen earlier, no longer on the board: keep it visible
  return html`<select ...${common} value=${value ?? ""} onChange=${(/** @type {Event} */ e) => change(typed(e))}>
    <option value="">${field.none ?? "Choose…"}</option>
    ${gone ? html`<option value=${value}>${value} (no longer listed)</option>` : null}
    ${options.map(([word, words]) => html`<option key=${word} value=${word}>${words}</option>`)}
  </select>`;
}

/** @param {{field: FieldSpec, value: any, change: (value: any) => void}} props */
function Checks({ field, value, change }) {
  const held = new Set(Array.isArray(value) ? value : []);
  if (!field.options?.length) return html`<p class="muted">None to choose from.</p>`;
  return html`<div class="choices choices-tall" tabindex="0" role="group" aria-label=${field.label}>${field.options.map(([word, words]) => html`<label class="choice" key=${word}>
    <input type="checkbox" checked=${held.has(word)} onChange=${(/** @type {any} */ e) => {
      const next = new Set(held);
      if (e.currentTarget.checked) next.add(word);
      else next.delete(word);
      change([...next]);
    }} /><span>${words}</span></label>`)}</div>`;
}

/** The plan's ladder with what each rung says; the present one is marked and nothing is chosen beforehand. @param {{id: string, field: FieldSpec, value: any, change: (value: any) => void}} props */
function Ladder({ id, field, value, change }) {
  return html`<div class="ladder">${(field.rungs ?? []).map((rung) => html`<label class=${`rung${rung.id === field.current ? " rung-current" : ""}`} key=${rung.id}>
    <input type="radio" name=${id} checked=${value === rung.id} onChange=${() => change(rung.id)} />
    <${LevelBadge} order=${rung.order} id=${rung.id} />
    <span class="rung-text"><strong>${levelTitle(rung.id, rung.name)}${rung.id === field.current ? " (now)" : ""}</strong><span>${rung.says}</span>
      ${rung.who_may?.length ? html`<span class="muted">Who may: ${rung.who_may.join("; ")}</span>` : null}</span>
  </label>`)}</div>`;
}

/** @param {{value: any, change: (value: any) => void}} props */
function PlaceField({ value, change }) {
  const waiting = picking.value !== null;
  return html`<div class="place-field">
    <span class="num">${value ? `${value.lat.toFixed(5)}, ${value.lon.toFixed(5)}` : "no place given"}</span>
    <button type="button" class="button small" aria-pressed=${waiting} onClick=${() => { picking.value = waiting ? null : (place) => change(place); }}>${waiting ? "Now press on the map, or Enter for its middle" : "Take from the map"}</button>
    ${value ? html`<button type="button" class="button small" onClick=${() => change(null)}>Remove</button>` : null}
  </div>`;
}

/** Options not taken, with why. @param {{value: any, change: (value: any) => void}} props */
function Rejected({ value, change }) {
  const list = Array.isArray(value) && value.length ? value : [{ option: "", why: "" }];
  /** @param {number} i @param {any} part */
  const set = (i, part) => change(list.map((one, n) => (n === i ? { ...one, ...part } : one)));
  return html`<div class="rejected">${list.map((one, i) => html`<div class="rejected-row" key=${i}>
      <label>Option ${i + 1} not taken<input type="text" value=${one.option} onInput=${(/** @type {Event} */ e) => set(i, { option: typed(e) })} /></label>
      <label>Why not<input type="text" value=${one.why} onInput=${(/** @type {Event} */ e) => set(i, { why: typed(e) })} /></label>
    </div>`)}
    ${list.length < 20 ? html`<button type="button" class="button small" onClick=${() => change([...list, { option: "", why: "" }])}>Another option</button>` : null}</div>`;
}

/** Words of the plan as boxes. Only where the plan has told none, ids as typed. @param {{field: FieldSpec, value: any, change: (value: any) => void, id: string}} props */
function Ids({ field, value, change, id }) {
  const held = Array.isArray(value) ? value : [];
  const [typedText, setTyped] = useState(held.join(" "));
  if (field.options?.length) {
    const known = new Set(field.options.map(([word]) => word));
    const gone = held.filter((word) => !known.has(word)); // written before the plan was told or changed: kept in sight
    return html`<${Checks} field=${{ ...field, options: [...field.options, ...gone.map((word) => [word, `${word} (not a word of the plan)`])] }} value=${value} change=${change} />`;
  }
  return html`<label class="hint" for=${`${id}-other`}>By their id in the plan, with a space between</label>
    <input id=${`${id}-other`} type="text" aria-required=${field.required ? "true" : undefined} spellcheck="false" value=${typedText} onInput=${(/** @type {Event} */ e) => { setTyped(typed(e)); change(typed(e).split(/[\s,]+/).filter(Boolean)); }} />`;
}

/** Courses passed, each with the day through which it counts. @param {{field: FieldSpec, value: any, change: (value: any) => void}} props */
function Courses({ field, value, change }) {
  const list = Array.isArray(value) && value.length ? value : [{ course: "", expires: "" }];
  /** @param {number} i @param {any} part */
  const set = (i, part) => change(list.map((one, n) => (n === i ? { ...one, ...part } : one)));
  const keep = (/** @type {any[]} */ next) => change(next.filter((one) => one.course || one.expires || next.length === 1));
  return html`<div class="rejected"><datalist id="courses">${(field.suggest ?? []).map((word) => html`<option key=${word} value=${word}></option>`)}</datalist>
    ${list.map((one, i) => html`<div class="rejected-row" key=${i}>
      <label>Course ${i + 1}<input type="text" list="courses" spellcheck="false" value=${one.course} onInput=${(/** @type {Event} */ e) => set(i, { course: typed(e).trim() })} /></label>
      <label>Counts through<input type="text" class="short" inputmode="numeric" placeholder="yyyy-mm-dd" value=${one.expires} onInput=${(/** @type {Event} */ e) => set(i, { expires: typed(e).trim() })} /></label>
      ${list.length > 1 ? html`<button type="button" class="button small" onClick=${() => keep(list.filter((_, n) => n !== i))}>Remove course ${i + 1}</button>` : null}
    </div>`)}
    ${list.length < 20 ? html`<button type="button" class="button small" onClick=${() => change([...list, { course: "", expires: "" }])}>Another course</button>` : null}</div>`;
}
