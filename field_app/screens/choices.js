/** A question with few answers as large buttons instead of a list that opens: one touch in gloves. */
import { html } from "../../static/lib.js";

const MOST = 5;
const LONG = 44; // characters: longer answers read better in a list
const NEVER = new Set(["sector", "officer", "unit", "by", "to", "giver", "supervisor", "about", "record", "report", "text", "language", "holder", "tool"]); // lists that grow

/** @param {import("../../static/forms/form.js").FieldSpec} field */
export const few = (field) => field.kind === "select" && !NEVER.has(field.name) && Boolean(field.options?.length) && (field.options?.length ?? 0) <= MOST && (field.options ?? []).every(([, words]) => words.length <= LONG);

/** @param {{field: import("../../static/forms/form.js").FieldSpec, value: any, wrong: boolean, change: (value: any) => void}} props */
export function Choices({ field, value, wrong, change }) {
  const id = `f-${field.name}`;
  const options = [...(field.options ?? []), ...(field.required ? [] : [/** @type {const} */ (["", field.none ?? "Not said"])])];
  return html`<fieldset class=${`field${wrong ? " field-wrong" : ""}`} id=${id} tabindex="-1" aria-describedby=${field.hint ? `${id}-hint` : undefined}><legend>${field.label}${field.required ? html`<span class="needed"> needed</span>` : html`<span class="optional"> optional</span>`}</legend>
    ${field.hint ? html`<p class="hint" id=${`${id}-hint`}>${field.hint}</p>` : null}
    <div class="choices choices-two">${options.map(([word, words]) => html`<label class="choice" key=${word}><input type="radio" name=${id} checked=${(value ?? "") === word} onChange=${() => change(word)} /><span>${words}</span></label>`)}</div></fieldset>`;
}
