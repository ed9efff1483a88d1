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
import { inConfidence, withFiles } from "../attaching.js";
import { isFull } from "../db.js";
import { dropDraft, drafts, keepDraft } from "../drafts.js";
import { dropStaged } from "../files.js";
import { beginning, isAsked, specOf, split } from "../forms.js";
import { anew, isBack, mendOf } from "../mending.js";
import { here, incidentId, now_ms, occurredNow, who } from "../state.js";
import { useAwake } from "./awake.js";
import { BandField, PersonField, named } from "./band.js";
import { Choices, few } from "./choices.js";
import { Evidence } from "./evidence.js";
import { Lacks } from "./lacks.js";
import { Photo } from "./photo.js";
import { Screen, Sure, at, kindOf } from "./parts.js";
import { Saved, remember } from "./saved.js";
import { ShowCode } from "./show_code.js";
import { Sound } from "./sound.js";
import { Whereabouts, placed, placedAs, takesPlace } from "./whereabouts.js";
import { myUnit } from "./work.js";

const KEEP_MS = 400; // of typing, until it is sealed

const draftsChanged = signal(0);

/** @returns {import("../drafts.js").Draft[]} those of who is signed in */
export function useDrafts() {
  const [list, setList] = useState(/** @type {import("../drafts.js").Draft[]} */ ([]));
  useEffect(() => {
    let over = false; // an older look that is slower does not bring back what was thrown away since
    void drafts(here().db, here().keys).then((found) => { if (!over) setList(found); });
    return () => { over = true; };
  }, [draftsChanged.value]);
  return list;
}

/** @param {{name: string}} props the form and the key of what it is about; behind an `@` the number of what came back and is written anew */
export function FormScreen({ name }) {
  const [form, mends] = mendOf(name);
  if (form.startsWith("show~")) return html`<${ShowCode} arrest=${form.slice(5)} />`;
  const spec = specOf(form);
  if (!spec) return html`<${Screen} title="Nothing here"><p class="empty">There is no such form.</p></${Screen}>`;
  if (!may(spec.command) && !spec.ways.length) return html`<${Screen} title=${spec.title}><p class="empty">Your role here does not send this.</p></${Screen}>`;
  if (spec.ready === false) return html`<${Screen} title=${spec.title}><p role="status">Fetching what stands now…</p></${Screen}>`;
  if (mends) return html`<${Mended} key=${name} draft=${name} name=${form} spec=${spec} seq=${mends} />`;
  return html`<${Open} key=${name} draft=${name} name=${form} spec=${spec} />`;
}

/** @param {{draft: string, name: string, spec: import("../forms.js").Spec, seq: number}} props */
function Mended({ draft, name, spec, seq }) {
  const [mending, setMending] = useState(/** @type {import("../mending.js").Mending | null | undefined} */ (undefined));
  useEffect(() => { void here().outbox.mending(seq).then(setMending, () => setMending(null)); }, []);
  if (mending === undefined) return html`<${Screen} title=${spec.title}><p role="status">One moment…</p></${Screen}>`;
  if (mending === null) return html`<${Screen} title=${spec.title} back="sent"><p class="empty">What came back is not here any more: it was put away, or written anew.</p></${Screen}>`;
  return html`<${Open} draft=${draft} name=${name} spec=${spec} mending=${mending} />`;
}

/** @param {string} name of the draft @param {Record<string, any>} initial what the form begins with @param {Record<string, any>} stands what a draft leaves as it was */
function useDraft(name, initial, stands) {
  const [values, setValues] = useState(/** @type {Record<string, any> | null} */ (null));
  const timer = useRef(/** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined));
  const last = useRef(/** @type {Record<string, any>} */ ({}));
  const [begun, setBegun] = useState(false);
  const [unkept, setUnkept] = useState(false);
  const writing = useRef(Promise.resolve()); // one after the other: what is dropped is not written again by a slower hand
  useEffect(() => {
    void drafts(here().db, here().keys).then((list) => {
      const kept = list.find((one) => one.id === name);
      setBegun(Boolean(kept));
      setValues(kept ? { ...stands, ...kept.fields } : initial);
    });
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
    const [{ db, keys }, draft] = [here(), { id: name, title: titleOf(name), fields: last.current }];
    const { part } = keys;
    // Where the disk takes no more it stays on the screen and is said there; each further keystroke tries again.
    writing.current = writing.current.then(() => (keys.part === part ? keepDraft(db, keys, draft) : undefined)).then(() => setUnkept(false), () => setUnkept(keys.part === part)).then(() => { draftsChanged.value += 1; });
  }
  /** @param {Record<string, any>} next */
  function change(next) {
    last.current = next;
    setValues(next);
    setBegun(true);
    timer.current ??= setTimeout(keep, KEEP_MS);
  }
  async function drop() {
    clearTimeout(timer.current);
    timer.current = undefined;
    await writing.current;
    await dropDraft(here().db, here().keys, name);
    draftsChanged.value += 1;
  }
  function again() {
    setValues(initial);
    setBegun(false);
    void drop();
  }
  return { values, change, drop, again, begun, unkept };
}

/** What a draft is called. @param {string} name */
function titleOf(name) {
  const [form, mends] = mendOf(name);
  const title = specOf(form)?.title ?? form;
  return mends ? `${title}: came back` : title;
}

/** What is written now; of what came back, what goes again and what it takes the place of. @param {any[]} made @param {() => any[]} again the same made a second time @param {import("../mending.js").Mending | undefined} mending */
function goesNow(made, again, mending) {
  if (!mending) return { made, closes: /** @type {[number, number][]} */ ([]), tap: made.map((command) => ({ seq: null, command })) };
  return anew(made, again(), mending.tap);
}

/** @param {{name: string, draft: string, spec: import("../forms.js").Spec, mending?: import("../mending.js").Mending}} props */
function Open({ name, draft, spec, mending }) {
  const { values, change, drop, again, begun, unkept } = useDraft(draft, mending?.fields ?? beginning(spec, name, { me: who.peek()?.person ?? "", sector: String(myUnit()?.sector ?? "") }), spec.initial ?? {});
  const [errors, setErrors] = useState(/** @type {[string, string][]} */ ([]));
  const [busy, setBusy] = useState("");
  const [done, setDone] = useState(/** @type {import("./saved.js").Kept | null} */ (null));
  const [answer, setAnswer] = useState(/** @type {import("../asking.js").Asked | null} */ (null));
  const top = useRef(/** @type {HTMLElement | null} */ (null));
  useAwake();
  useEffect(() => { if (errors.length || answer || done) top.current?.focus(); }, [errors, answer, done]);
  if (!values) return html`<${Screen} title=${spec.title}><p role="status">One moment…</p></${Screen}>`;
  if (done) return html`<${Saved} spec=${spec} kept=${done} top=${top} again=${() => { if (mending) return go("new", name); setDone(null); return again(); }} />`;

  /** @param {import("../../static/forms/form.js").Way} way */
  async function submit(way) {
    if (!way.build) return way.open?.[0] ? go("new", way.open.filter(Boolean).join("~")) : go("");
    const tapped = performance.now();
    /** @type {[string, string][]} */
    const wrong = spec.fields.map((field) => /** @type {[string, string]} */ ([field.name, complaint(field, values?.[field.name])])).filter(([, said]) => said);
    if (!wrong.length) for (const said of spec.validate?.(values ?? {}) ?? []) wrong.push(["", said]);
    setErrors(wrong);
    if (wrong.length) return undefined;
    const asked = Object.fromEntries(Object.entries(values ?? {}).filter(([field]) => isAsked(name, field, values ?? {})));
    const build = () => named([/** @type {NonNullable<typeof way.build>} */ (way.build)(asked)].flat(), asked);
    const made = mending ? placedAs(build(), mending, asked) : placed(build(), asked);
    const at = values?.when && values.when !== mending?.fields.when ? lastTimeAt(values.when, now_ms(), zone()) : null;
    const occurred_ms = at ? Date.parse(at) : mending ? mending.tap[0].occurred_ms : occurredNow();
    setBusy(typeof way.label === "string" ? way.label : "…");
    try {
      if (made.some((one) => isAsk(one.type))) {
        const got = await askNow(incidentId.peek(), made, spec.title);
        setAnswer(got);
        if (got.ok) await drop(); // it waits under Mine; what was turned down is still here to be mended
      } else {
        const goes = goesNow(withFiles(made, values ?? {}), () => withFiles(build(), values ?? {}), mending);
        if (!goes.made.length) return refuse("nothing is left here that has to go again: put what came back away, under Sent");
        const rows = await save(spec.title, goes, { name, fields: values ?? {} }, occurred_ms);
        const saved_ms = performance.now() - tapped;
        await tidied(goes.made, occurred_ms ?? now_ms());
        setDone({ made: goes.made, saved_ms, seqs: rows.map((one) => one.device_seq) });
      }
    } catch (error) {
      return refuse(isFull(error) ? "there is no room on this tablet" : /** @type {Error} */ (error).message);
    }
    setBusy("");
    return undefined;
  }

  /** What comes after a save. It is saved, whatever fails here: to say otherwise would make a second record of it. @param {any[]} made @param {number} occurred_ms */
  async function tidied(made, occurred_ms) {
    try {
      await remember(made, occurred_ms);
      await drop();
      if (inConfidence(values ?? {})) for (const one of filesOf(values ?? {})) await dropStaged(here().db, one.attachment);
    } catch (error) {
      console.warn("what was saved could not be tidied up after", error);
    }
  }

  /** @param {string} why */
  function refuse(why) {
    setErrors([["", `Not saved: ${why}. What you wrote is still here.`]]);
    setBusy("");
  }

  async function away() {
    for (const one of filesOf(values ?? {})) await dropStaged(here().db, one.attachment);
    await drop();
    if (mending) return go("sent");
    go("");
    return undefined;
  }
  const wrongNames = new Set(errors.map(([field]) => field));
  const clock = zoneName(now_ms(), zone());
  const set = (/** @type {string} */ field, /** @type {any} */ value) => change({ ...values, [field]: value });
  const [first, rest] = split(name, spec.fields);
  const part = (/** @type {any} */ field) => !isAsked(name, field.name, values ?? {}) ? null : html`<${Part} key=${field.name} field=${field} values=${values} wrong=${wrongNames.has(field.name)} set=${set} both=${(/** @type {any} */ more) => change({ ...values, ...more })} zone=${clock} />`;
  const evidence = html`<${Evidence} command=${spec.command} values=${values} set=${set} />`; // of a warning it comes first: it is recorded as it is given
  return html`<${Screen} title=${spec.title}>
    ${spec.intro ? html`<div class="form-intro">${spec.intro}</div>` : null}
    ${mending ? html`<${Back} tap=${mending.tap} />` : null}
    ${unkept ? html`<p class="form-refused" role="alert">This tablet could not keep what you are writing: it is on this screen alone. Do not close it; save it now, or make room under More.</p>` : null}
    ${errors.length ? html`<div class="form-errors" role="alert" tabindex="-1" ref=${top}><h2>${errors.length === 1 ? "One answer to look at" : `${errors.length} answers to look at`}</h2>
      <ul>${errors.map(([field, words]) => html`<li key=${field + words}>${field ? html`<a href=${`#f-${field}`} onClick=${(/** @type {Event} */ e) => { e.preventDefault(); document.getElementById(`f-${field}`)?.focus(); }}>${words}</a>` : words}</li>`)}</ul></div>` : null}
    ${answer ? html`<${Answered} asked=${answer} top=${top} />` : null}
    <form class="form field-form" novalidate autocomplete="off" onSubmit=${(/** @type {Event} */ e) => e.preventDefault()}>
      <fieldset class="form-fields" disabled=${!!busy}><legend class="sr">${spec.title}</legend>
      ${spec.command === "ReportWarning" ? evidence : null}
      ${first.map(part)}
      ${rest.length ? html`<details class="field-card" open=${rest.some((field) => wrongNames.has(field.name))}><summary>The rest: ${rest.filter((field) => field.kind !== "place").length} questions that can wait</summary><div class="form-fields">${rest.map(part)}</div></details>` : null}
      ${spec.command === "ReportWarning" ? null : evidence}
      ${takesPlace(spec.command) && !mending ? html`<${Whereabouts} value=${values.place} change=${(/** @type {any} */ value) => set("place", value)} />` : null}</fieldset>
      <${Lacks} name=${name} spec=${spec} values=${values} />
      <div class="field-acts">${spec.ways.map((way, n) => html`<button key=${n} type="button" class=${`button huge ${n === 0 ? "strong" : ""}`} disabled=${!!busy} onClick=${() => submit(way)}>${typeof way.label === "string" ? way.label : way.label(values)}</button>`)}
        <${ThrowAway} begun=${begun} disabled=${!!busy} away=${away} /></div>
    </form></${Screen}>`;
}

/** Of a form that came back: when it was, and what of it goes again. @param {{tap: import("../mending.js").Written[]}} props */
function Back({ tap }) {
  const stays = tap.filter((one) => !isBack(one.state)).map((one) => kindOf(one.command.type).toLowerCase());
  return html`<p class="told">It came back. What you see is what you wrote, of ${at(tap[0].occurred_ms)}. The old one stays until you save this one, which goes out under a number of its own.${stays.length ? ` Not written again, for it did not come back: ${stays.join(", ")}. Correct that on its record.` : ""}</p>`;
}

/** Nothing is lost to one touch beside the button above: what was begun is thrown away by a second one. @param {{begun: boolean, disabled: boolean, away: () => void}} props */
function ThrowAway({ begun, disabled, away }) {
  const [sure, setSure] = useState(false);
  if (!sure) return html`<button type="button" class="button big throw-away" disabled=${disabled} onClick=${() => (begun ? setSure(true) : away())}>Throw away</button>`;
  return html`<${Sure} label="Throw away what was written?" yes="Yes, throw it away" disabled=${disabled} act=${away} keep=${() => setSure(false)} />`;
}

/** @param {{field: import("../../static/forms/form.js").FieldSpec, values: Record<string, any>, wrong: boolean, set: (name: string, value: any) => void, both: (more: Record<string, any>) => void, zone: string}} props */
function Part({ field, values, wrong, set, both, zone: clock }) {
  const made = useMemo(() => (/** @type {any} */ value) => set(field.name, value), [values]);
  const shown = field.choose ? { ...field, options: field.choose(values) } : field;
  if (field.kind === "photo") return html`<${Photo} value=${values[field.name]} change=${made} label=${field.label} id=${`f-${field.name}-file`} />`;
  if (field.kind === "place") return null; // one line says where it is, below all questions
  if (field.name === "wristband") return html`<${BandField} field=${field} value=${values.wristband} change=${made} />`;
  if (field.name === "about") return html`<${PersonField} field=${shown} value=${values.about} scanned=${values.scanned} wrong=${wrong} change=${(/** @type {string} */ about, /** @type {any} */ scanned) => both({ about, scanned })} />`;
  if (["ids", "checks"].includes(field.kind) && (shown.options?.length ?? 0) > LIST_MOST) return html`<${Long} field=${shown} value=${values[field.name]} wrong=${wrong} change=${made} zone=${clock} values=${values} />`;
  if (few(shown)) return html`<${Choices} field=${shown} value=${values[field.name]} wrong=${wrong} change=${made} />`;
  return html`<${Field} field=${shown} values=${values} value=${values[field.name]} wrong=${wrong} change=${made} zone=${clock} />
    ${field.name === "conduct" ? html`<${Sound} value=${values.sound} change=${(/** @type {any} */ value) => set("sound", value)} />` : null}`;
}

const LIST_MOST = 6; // a longer list is folded, with what was chosen in its line

/** @param {any} props as a field's */
function Long({ field, value, wrong, ...rest }) {
  const chosen = Array.isArray(value) ? value.length : 0;
  return html`<details class="field-card" open=${wrong}><summary>${field.label}: ${chosen ? `${chosen} chosen` : field.required ? "choose" : "none chosen"}</summary><${Field} field=${field} value=${value} wrong=${wrong} ...${rest} /></details>`;
}

/** The pictures and the sound that were taken for a form. @param {Record<string, any>} values @returns {any[]} */
const filesOf = (values) => Object.values(values).flat().filter((one) => one?.attachment && one.key);

/** @type {Record<string, string>} */
const BESIDE = { "photo with officer": "photo", "property photo": "photo", photo: "photo", audio: "sound" };

/**
 * One tap is one write: the record, what goes with it, the keys of its pictures, and the form itself for when it comes back.
 * @param {string} title @param {ReturnType<typeof goesNow>} goes @param {{name: string, fields: Record<string, any>}} form @param {number | undefined} occurred_ms
 */
function save(title, { made, closes, tap }, form, occurred_ms) {
  const keys = new Map(filesOf(form.fields).map((one) => [one.attachment, one.key]));
  const basis_seq = live.at.peek()?.seq ?? null;
  return here().outbox.save(made.map((command, n) => ({
    incident: incidentId.peek(), command, title: n ? `${title}: ${BESIDE[command.kind] ?? "more"}` : title, basis_seq,
    ...(occurred_ms === undefined ? {} : { occurred_ms }), ...(keys.has(command.attachment) ? { files: { [command.attachment]: keys.get(command.attachment) } } : {}),
  })), { ...form, tap }, closes);
}

/** @param {{asked: import("../asking.js").Asked, top: any}} props */
function Answered({ asked, top }) {
  return html`<div class=${asked.ok ? "form-recorded" : "form-refused"} role="alert" tabindex="-1" ref=${top}>
    ${asked.decision ? html`<${Decision} decision=${asked.decision} heading=${asked.heading} />` : html`<p class="decision-head">${asked.heading}</p>`}
    ${asked.finding ? html`<${FindingText} finding=${asked.finding} />` : null}<p class="muted">${asked.words}</p></div>`;
}
