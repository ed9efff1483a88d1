/**
 * A form on the tablet. What is typed is a sealed draft at once; one tap saves it: signed, sealed, on the disk, whatever the line
 * does. Asks are another thing: they are judged now, so they go out now or not at all.
 */
import { html, signal, useEffect, useMemo, useRef, useState } from "../../static/lib.js";
import { Decision, FindingText } from "../../static/decision.js";
import { Field } from "../../static/forms/fields.js";
import { complaint } from "../../static/forms/form.js";
import { may, live, zone } from "../../static/store.js";
import { lastTimeAt, zoneName } from "../../static/time.js";
import { go } from "../address.js";
import { askNow, isAsk } from "../asking.js";
import { dropDraft, drafts, keepDraft } from "../drafts.js";
import { specOf } from "../forms.js";
import { here, incidentId, now_ms, occurredNow } from "../state.js";
import { Lacks } from "./lacks.js";
import { Photo } from "./photo.js";
import { BandField } from "./band.js";
import { Screen } from "./parts.js";
import { ShowCode } from "./show_code.js";

const KEEP_MS = 400; // of typing, until it is sealed

const draftsChanged = signal(0);

/** What was written of a person in this sitting, for the code that is shown before the server has answered. @type {Map<string, Record<string, any>>} */
const lastSaid = new Map();

/** @returns {import("../drafts.js").Draft[]} those of who is signed in */
export function useDrafts() {
  const [list, setList] = useState(/** @type {import("../drafts.js").Draft[]} */ ([]));
  useEffect(() => { void drafts(here().db, here().keys).then(setList); }, [draftsChanged.value]);
  return list;
}

/** @param {{name: string}} props the form and the key of what it is about */
export function FormScreen({ name }) {
  if (name.startsWith("show~")) return html`<${ShowCode} arrest=${name.slice(5)} said=${lastSaid.get(name.slice(5))} />`;
  const spec = specOf(name);
  if (!spec) return html`<${Screen} title="Nothing here"><p class="empty">There is no such form.</p></${Screen}>`;
  if (!may(spec.command) && !spec.ways.length) return html`<${Screen} title=${spec.title}><p class="empty">Your role here does not send this.</p></${Screen}>`;
  if (spec.ready === false) return html`<${Screen} title=${spec.title}><p role="status">Fetching what stands now…</p></${Screen}>`;
  return html`<${Open} key=${name} name=${name} spec=${spec} />`;
}

/** @param {string} name @param {Record<string, any>} initial */
function useDraft(name, initial) {
  const [values, setValues] = useState(/** @type {Record<string, any> | null} */ (null));
  const timer = useRef(/** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined));
  const last = useRef(/** @type {Record<string, any>} */ ({}));
  useEffect(() => {
    void drafts(here().db, here().keys).then((list) => setValues({ ...initial, ...(list.find((one) => one.id === name)?.fields ?? {}) }));
    // A tablet that is put down, locked or closed in mid-word: what was typed is sealed before.
    const hide = () => { if (timer.current !== undefined) keep(); };
    addEventListener("pagehide", hide);
    document.addEventListener("visibilitychange", hide);
    return () => { hide(); removeEventListener("pagehide", hide); document.removeEventListener("visibilitychange", hide); };
  }, []);
  function keep() {
    clearTimeout(timer.current);
    timer.current = undefined;
    if (!here().keys.held) return;
    void keepDraft(here().db, here().keys, { id: name, title: specOf(name)?.title ?? name, fields: last.current }).then(() => { draftsChanged.value += 1; });
  }
  /** @param {Record<string, any>} next */
  function change(next) {
    last.current = next;
    setValues(next);
    timer.current ??= setTimeout(keep, KEEP_MS);
  }
  async function drop() {
    clearTimeout(timer.current);
    timer.current = undefined;
    await dropDraft(here().db, here().keys, name);
    draftsChanged.value += 1;
  }
  return /** @type {const} */ ([values, change, drop]);
}

/** @param {{name: string, spec: import("../forms.js").Spec}} props */
function Open({ name, spec }) {
  const [values, change, drop] = useDraft(name, spec.initial ?? {});
  const [errors, setErrors] = useState(/** @type {[string, string][]} */ ([]));
  const [busy, setBusy] = useState("");
  const [done, setDone] = useState(/** @type {{made: any[], saved_ms: number} | null} */ (null));
  const [answer, setAnswer] = useState(/** @type {import("../asking.js").Asked | null} */ (null));
  const top = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => { if (errors.length || answer || done) top.current?.focus(); }, [errors, answer, done]);
  if (!values) return html`<${Screen} title=${spec.title}><p role="status">One moment…</p></${Screen}>`;
  if (done) return html`<${Saved} spec=${spec} made=${done.made} took_ms=${done.saved_ms} top=${top} again=${() => { setDone(null); change({}); void drop(); }} />`;

  /** @param {import("../../static/forms/form.js").Way} way */
  async function submit(way) {
    if (!way.build) return way.open?.[0] ? go("new", way.open.filter(Boolean).join("~")) : go("");
    const tapped = performance.now();
    /** @type {[string, string][]} */
    const wrong = spec.fields.map((field) => /** @type {[string, string]} */ ([field.name, complaint(field, values?.[field.name])])).filter(([, said]) => said);
    if (!wrong.length) for (const said of spec.validate?.(values ?? {}) ?? []) wrong.push(["", said]);
    setErrors(wrong);
    if (wrong.length) return undefined;
    const made = [way.build(values ?? {})].flat();
    const at = values?.when ? lastTimeAt(values.when, now_ms(), zone()) : null;
    setBusy(typeof way.label === "string" ? way.label : "");
    try {
      if (made.some((one) => isAsk(one.type))) {
        setAnswer(await askNow(incidentId.peek(), made, spec.title));
      } else {
        await save(spec.title, made, values ?? {}, at ? Date.parse(at) : occurredNow());
        const took_ms = performance.now() - tapped;
        for (const one of made) if (one.type === "RecordArrest") lastSaid.set(one.arrest, { wristband: one.wristband ?? "", needs: one.needs ?? "", since: new Date(at ? Date.parse(at) : now_ms()).toISOString() });
        await drop();
        setDone({ made, saved_ms: took_ms });
      }
    } catch (error) {
      setErrors([["", `Not saved: ${/** @type {Error} */ (error).message}. What you wrote is still here.`]]);
    }
    setBusy("");
    return undefined;
  }

  const wrongNames = new Set(errors.map(([field]) => field));
  const clock = zoneName(now_ms(), zone());
  const set = (/** @type {string} */ field, /** @type {any} */ value) => change({ ...values, [field]: value });
  return html`<${Screen} title=${spec.title}>
    ${spec.intro ? html`<div class="form-intro">${spec.intro}</div>` : null}
    ${errors.length ? html`<div class="form-errors" role="alert" tabindex="-1" ref=${top}><h2>${errors.length === 1 ? "One answer to look at" : `${errors.length} answers to look at`}</h2>
      <ul>${errors.map(([field, words]) => html`<li key=${field + words}>${field ? html`<a href=${`#f-${field}`} onClick=${(/** @type {Event} */ e) => { e.preventDefault(); document.getElementById(`f-${field}`)?.focus(); }}>${words}</a>` : words}</li>`)}</ul></div>` : null}
    ${answer ? html`<${Answered} asked=${answer} top=${top} />` : null}
    <form class="form field-form" novalidate autocomplete="off" onSubmit=${(/** @type {Event} */ e) => e.preventDefault()}>
      <fieldset class="form-fields" disabled=${!!busy}><legend class="sr">${spec.title}</legend>
      ${spec.fields.map((field) => html`<${Part} key=${field.name} field=${field} values=${values} wrong=${wrongNames.has(field.name)} set=${set} zone=${clock} />`)}</fieldset>
      <${Lacks} name=${name} spec=${spec} values=${values} />
      <div class="field-acts">${spec.ways.map((way, n) => html`<button key=${n} type="button" class=${`button huge ${n === 0 ? "strong" : ""}`} disabled=${!!busy} onClick=${() => submit(way)}>${typeof way.label === "string" ? way.label : way.label(values)}</button>`)}
        <button type="button" class="button big" disabled=${!!busy} onClick=${() => { void drop(); go(""); }}>Throw away</button></div>
    </form></${Screen}>`;
}

/** @param {{field: import("../../static/forms/form.js").FieldSpec, values: Record<string, any>, wrong: boolean, set: (name: string, value: any) => void, zone: string}} props */
function Part({ field, values, wrong, set, zone: clock }) {
  const made = useMemo(() => (/** @type {any} */ value) => set(field.name, value), [values]);
  if (field.kind === "photo") return html`<${Photo} value=${values[field.name]} change=${made} label=${field.label} id=${`f-${field.name}-file`} />`;
  if (field.name === "wristband") return html`<${BandField} field=${field} value=${values.wristband} change=${made} />`;
  return html`<${Field} field=${field.choose ? { ...field, options: field.choose(values) } : field} values=${values} value=${values[field.name]} wrong=${wrong} change=${made} zone=${clock} />`;
}

/** One tap is one write: the record, what goes with it, and the keys of its pictures. @param {string} title @param {any[]} made @param {Record<string, any>} values @param {number | undefined} occurred_ms */
async function save(title, made, values, occurred_ms) {
  const keys = new Map(Object.values(values).filter((one) => one?.attachment && one.key).map((one) => [one.attachment, one.key]));
  const basis_seq = live.at.peek()?.seq ?? null;
  await here().outbox.save(made.map((command, n) => ({
    incident: incidentId.peek(), command, title: n ? `${title}: more` : title, basis_seq,
    ...(occurred_ms === undefined ? {} : { occurred_ms }), ...(keys.has(command.attachment) ? { files: { [command.attachment]: keys.get(command.attachment) } } : {}),
  })));
}

/** @param {{spec: import("../forms.js").Spec, made: any[], took_ms: number, top: any, again: () => void}} props */
function Saved({ spec, made, took_ms, top, again }) {
  const arrest = made.find((one) => one.type === "RecordArrest");
  const next = spec.after?.(String(made[0]?.arrest ?? "")).filter((one) => one.open) ?? [];
  return html`<${Screen} title=${spec.title}><div class="form-recorded" role="status" tabindex="-1" ref=${top} data-took-ms=${took_ms.toFixed(1)}>
    <p class="recorded">✓ Kept on this tablet, signed and sealed.</p><p class="muted">It goes out by itself as soon as there is a line, in the order in which you wrote. See <em>Sent</em>.</p></div>
    <div class="field-acts">${arrest ? html`<button type="button" class="button huge" onClick=${() => go("new", `show~${arrest.arrest}`)}>Show its code for a hand-over</button>` : null}
      ${next.map((one) => html`<button type="button" key=${one.words} class="button huge" onClick=${() => go("new", (one.open ?? []).filter(Boolean).join("~"))}>${one.words}</button>`)}
      <button type="button" class="button huge" onClick=${again}>Another</button><button type="button" class="button huge strong" onClick=${() => go("")}>Done</button></div></${Screen}>`;
}

/** @param {{asked: import("../asking.js").Asked, top: any}} props */
function Answered({ asked, top }) {
  return html`<div class=${asked.ok ? "form-recorded" : "form-refused"} role="alert" tabindex="-1" ref=${top}>
    ${asked.decision ? html`<${Decision} decision=${asked.decision} heading=${asked.heading} />` : html`<p class="decision-head">${asked.heading}</p>`}
    ${asked.finding ? html`<${FindingText} finding=${asked.finding} />` : null}<p class="muted">${asked.words}</p></div>`;
}
