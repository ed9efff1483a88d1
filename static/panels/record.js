/**
 * One record, whole: every version, who signed what, what is missing before which step, how it stands and by which rules,
 * where the person and each bag were. What the lens withholds is marked and not silently left out.
 */
import { html, useEffect } from "../lib.js";
import { live, may, replaying, rows, zone } from "../store.js";
import { openDrawer, openPage } from "../url.js";
import { Countdown, Time, sectorName } from "../parts.js";
import { FindingBadge, FindingText, Rules, WhoText } from "../decision.js";
import { fullText } from "../time.js";
import { told, wordFor } from "../plan.js";
import { TONGUES } from "../tongues.js";
import { shortNumber, standing, useRecord } from "../arrests.js";
import { Ago, Marks, freeWords } from "./arrests.js";
import { Events, Held, Said, Sealed, sayName } from "./record_parts.js";
import { Alike } from "./alike.js";
import { Files } from "./files.js";
import { Papers, mayExport } from "../downloads.js";

/** @typedef {import("../types.d.ts").RecordView} RecordView */
/** @typedef {import("../types.d.ts").Told} Told */

/** @param {{id: string}} props */
export function RecordPage({ id }) {
  const { at, data, trouble } = useRecord(id);
  useEffect(() => { document.getElementById("record-title")?.focus(); }, [id, !!data]);
  if (!data) return html`<main class="record-page" id="main"><p><button type="button" class="button small" onClick=${() => openPage("processing")}>Arrest processing</button></p><p class="empty" role="status">${trouble ? `${trouble}.` : "Fetching the record…"}</p></main>`;
  const row = data.record;
  return html`<main class="record-page" id="main" tabindex="-1" aria-labelledby="record-title" data-record=${id}>
    <header class="record-head"><div><p class="record-back"><button type="button" class="button small" onClick=${() => openPage("processing")}>Arrest processing</button></p>
        <h2 id="record-title" tabindex="-1">Record ${shortNumber(row.number)}</h2>
        <p class="record-sub">${row.charges?.length ? row.charges.join(", ") : "no offence named yet"} · arrested <${Time} at=${row.at} seconds /> · ${row.sector ? sectorName(row.sector) : html`<span class="warn-text">place not known</span>`}</p>
        <p class="badges"><${Marks} one=${row} /><span class="badge">${row.released_at ? freeWords(row) : row.held ? "in custody" : row.unstated ? "whereabouts not stated in the table" : "not in custody"}</span>${row.disposition ? html`<span class="badge">${row.disposition}${row.exception ? `: ${row.exception}` : ""}</span>` : null}${(row.versions ?? 1) > 1 ? html`<span class="badge">${row.versions} versions</span>` : null}${data.redacted ? html`${row.redacted ? null : html`<span class="badge badge-warn">private values destroyed</span>`}${data.erasure ? html`<span class="badge" data-erasure>${data.erasure}</span>` : null}` : null}</p></div>
      <${Acts} id=${id} data=${data} /></header>
    ${trouble ? html`<p class="lapse-note">${trouble}. What you see was fetched at <${Time} at=${data.now} seconds />.</p>` : null}
    ${replaying.value && at ? html`<p class="lapse-note" data-as-of=${at}>The record as it stood after event ${at}. What was ordered away since is gone from here as well.</p>` : null}
    <div class="record-body"><div class="record-main"><${Card} data=${data} /><${Stands} data=${data} /><${Alike} id=${id} data=${data} /><${Offences} id=${id} data=${data} /><${Person} data=${data} /><${Held} data=${data} /><${Files} data=${data} /></div>
      <aside class="record-side" aria-label="What is missing, what runs, who signed"><${Missing} id=${id} data=${data} /><${Clocks} data=${data} /><${Hands} data=${data} /><${Became} data=${data} /><${OnPaper} id=${id} /></aside></div>
    <p class="record-foot">Record <span class="code">${id}</span> · as shown to the lens “${live.me.value?.lens ?? ""}” at ${fullText(data.now, zone())}. Times are of ${zone()}.</p>
  </main>`;
}


/** @type {[string, string, string][]} form, command, words: in the order of the stations */
const ACTS = [
  ["handover", "HandOver", "Hand over…"], ["received", "AnswerForCustody", "Received…"], ["station", "EnterStation", "Station…"], ["property", "TakeProperty", "Property…"], ["attach", "AddAttachment", "Photo, paper…"], ["caregiven", "RecordCare", "Care…"], ["restraint", "RecordRestraint", "Restraints…"],
  ["describe", "DescribePerson", "Who it is…"], ["offence", "RecordOffence", "Offence…"], ["warned", "RecordIndividualWarning", "Warning…"], ["rights", "RecordRights", "Rights, papers…"], ["role", "FlagProtectedRole", "Press, medic…"], ["guardian", "CallGuardian", "Guardian…"],
  ["sign", "SignArrest", "Sign…"], ["grounds", "ReviewGrounds", "Review…"], ["disposition", "DecideDisposition", "Disposition…"], ["step", "AskArrestStep", "Next step…"], ["hold", "ExplainHold", "Why held…"], ["answerfor", "AnswerForCustody", "Is the person there?…"], ["bag", "MoveBag", "Bag moved…"], ["readback", "ReadBackArrest", "From paper…"], ["card", "RecordArrest", "Correct the card…"],
];

/** @param {{id: string, data: RecordView}} props */
function Acts({ id, data }) {
  const awaited = data.custody?.[data.custody.length - 1]?.received === "awaited"; // then it stands in front
  const acts = ACTS.filter(([kind, cmd]) => may(cmd) && (kind !== "received" || awaited));
  const held = data.record.held;
  return html`<div class="record-acts">
    ${held && may("ReleasePerson") ? html`<button type="button" class="button strong" onClick=${() => openDrawer("free", id)}>Release…</button>` : null}
    ${acts.slice(0, awaited ? 6 : 5).map(([kind, , words]) => html`<button key=${kind} type="button" class="button" onClick=${() => openDrawer(kind, kind === "bag" ? "" : id)}>${words}</button>`)}
    <details class="menu-more"><summary class="button">More</summary><div class="menu-sheet">${acts.slice(awaited ? 6 : 5).map(([kind, , words]) => html`<button key=${kind} type="button" class="menu-item" onClick=${(/** @type {any} */ e) => { e.currentTarget.closest("details").open = false; openDrawer(kind, kind === "bag" ? "" : id); }}>${words}</button>`)}
      ${may("RecordArrest") ? html`<button type="button" class="menu-item" onClick=${(/** @type {any} */ e) => { e.currentTarget.closest("details").open = false; openDrawer("arrest", id); }}>Another person, same circumstances…</button>` : null}
      <button type="button" class="menu-item" onClick=${() => window.print()}>Print this record</button></div></details></div>`;
}

/** @param {{title: string, id: string, children?: any, act?: any}} props */
export function Part({ title, id, children, act }) {
  return html`<section class="record-part" id=${id} aria-labelledby=${`${id}-title`}><header><h3 id=${`${id}-title`}>${title}</h3>${act ?? null}</header>${children}</section>`;
}

/** What this person did, and the circumstances; earlier versions beneath, readable. @param {{data: RecordView}} props */
function Card({ data }) {
  const now = standing(data.versions);
  const said = /** @type {Record<string, any>} */ (now?.public ?? {});
  const older = data.versions.filter((one) => one !== now);
  const none = html`<span class="muted">not said</span>`;
  const d = data.dispersal;
  return html`<${Part} title="What this person did" id="rec-card">
    ${now?.said?.conduct ? html`<blockquote>${now.said.conduct}</blockquote>` : html`<${Sealed} one=${now} name="conduct" none="Nobody has written down what this person did." />`}
    ${data.basis === "presence in a group" ? html`<p class="bad-text">It is said to rest on presence in a group, which is no basis for an arrest.</p>` : null}
    <dl class="facts"><dt>Arresting officer</dt><dd><${WhoText} who=${data.record.officer} /></dd><dt>Who saw it</dt><dd>${list(data.record.observers) ?? none}</dd><dt>Who helped</dt><dd>${list(data.record.assisting) ?? none}</dd>${data.authorized_by ? html`<dt>Authorized by</dt><dd><${WhoText} who=${data.authorized_by} /></dd>` : null}
      <dt>Rests on</dt><dd>${data.basis}${data.curfew ? ", breach of a curfew" : ""}${said.contained ? ", inside a police line" : ""}</dd>
      <dt>Warned beforehand</dt><dd>${said.warned || none}${now?.said?.not_warned_because ? `: ${now.said.not_warned_because}` : ""}</dd>
      <dt>Way out</dt><dd class=${data.exits === "closed" ? "bad-text" : ""}>${data.exits || "not known"}</dd>
      <dt>Hurt</dt><dd>${said.injured === true ? html`<strong class="bad-text">yes</strong>` : said.injured === false ? "no" : none}${now?.said?.injury ? `: ${now.said.injury}` : ""}</dd>
      ${now?.said?.needs ? html`<dt>Cannot wait</dt><dd class="warn-text">${now.said.needs}</dd>` : null}
      <dt>Cameras</dt><dd>${data.cameras?.length ? data.cameras.join(", ") : none}</dd>
      ${data.force?.length ? html`<dt>Force</dt><dd>${data.force.map((one) => html`<button key=${one.report} type="button" class="linkish" onClick=${() => openDrawer("care", one.report)}>${(one.tool ?? "").replaceAll("-", " ") || "a report"}${one.seq ? ` #${one.seq}` : ""}</button>`)}</dd>` : null}</dl>
    <${Withheld} names=${(now?.withheld ?? []).filter((name) => name !== "conduct")} />
    ${d && (d.given?.length || d.exits_at) ? html`<details class="rules" open=${!!data.offences?.some((one) => one.rests_on === "order to disperse") || !!data.record.finding?.reasons?.some((why) => why.includes("disperse"))}><summary>Warnings and ways out in ${sectorName(d.sector)} by then</summary>
      ${d.given?.length ? html`<ul class="permits">${d.given.map((one) => html`<li key=${one.id} class=${one.id === d.named ? "strong" : ""}><${Time} at=${one.at} seconds /> ${one.text.replaceAll("-", " ")} · <${WhoText} who=${one.by} />${one.audible === true ? " · heard" : ""}${one.id === d.named ? " · the card names it" : ""}</li>`)}</ul>` : html`<p class="warn-text">No warning had been given there.</p>`}
      <p class="small">Ways out: ${d.exits_open === null || d.exits_open === undefined ? "nobody had looked" : d.exits_open.length ? `open: ${d.exits_open.join(", ")}` : html`<strong class="bad-text">none open</strong>`}${d.exits_closed?.length ? ` · closed: ${d.exits_closed.join(", ")}` : ""}${d.exits_at ? html` · <${Time} at=${d.exits_at} />` : null}</p></details>` : null}
    ${data.warnings?.length ? html`<h4>Warnings to this person</h4><${Events} list=${data.warnings} />` : null}
    ${data.roles?.length ? html`<h4>Press, medic, legal observer</h4><${Events} list=${data.roles} />` : null}
    <${Versions} list=${older} /><//>`;
}

/** @param {readonly import("../types.d.ts").Who[] | undefined} people */
const list = (people) => (people?.length ? people.map((one) => one.name || one.person).join(", ") : null);

/** Both versions stay readable. @param {{list: readonly Told[]}} props */
export function Versions({ list: older }) {
  if (!older.length) return null;
  return html`<details class="versions"><summary>${older.length === 1 ? "An earlier version" : `${older.length} other versions`}</summary>${older.map((one) => html`<div class="version" key=${one.event}><p class="small muted">#${one.seq} · <${Time} at=${one.recorded_at} seconds /> · <${WhoText} who=${one.by} /></p><${Said} one=${one} full /></div>`)}</details>`;
}

/** @param {{names: readonly string[]}} props */
export function Withheld({ names }) {
  if (!names.length) return null;
  return html`<p class="withheld"><span aria-hidden="true">▒ </span>Not shown to your role: ${names.map(sayName).join(", ")}</p>`;
}

/** @param {{data: RecordView}} props */
function Stands({ data }) {
  const finding = data.record.finding;
  if (!finding && !data.findings?.length) return null;
  return html`<${Part} title="How it stands" id="rec-finding">${finding ? html`<${FindingText} finding=${finding} />` : null}
    ${data.findings?.length ? html`<h4>Judged anew</h4><${Events} list=${data.findings} />` : null}${data.refusals?.length ? html`<h4>Steps that had to wait</h4><${Events} list=${data.refusals} />` : null}<//>`;
}

/** @param {{id: string, data: RecordView}} props */
function Offences({ id, data }) {
  const all = data.offences ?? [];
  return html`<${Part} title="Offences, each on its own facts" id="rec-offences" act=${may("RecordOffence") ? html`<button type="button" class="button small" onClick=${() => openDrawer("offence", id)}>Add an offence…</button>` : null}>
    ${all.length ? all.map((one) => {
      const now = standing(one.versions);
      return html`<div class=${`offence${one.withdrawn ? " struck-part" : ""}`} key=${one.offence}><p class="offence-head"><strong>${one.charge}</strong> ${one.statute ? html`<span class="code">${one.statute}</span>` : null}${one.withdrawn ? html` <span class="badge badge-warn">withdrawn</span>` : null}${one.rests_on && one.rests_on !== "own conduct" ? html` <span class="badge">stands on ${one.rests_on === "curfew" ? "a curfew" : `an ${one.rests_on}`}</span>` : null}
        ${may("RecordOffence") ? html`<button type="button" class="button small" aria-label=${`Correct ${one.charge}`} onClick=${() => openDrawer("offence", `${id}~${one.offence}`)}>Correct…</button>` : null}</p>
        <dl class="facts"><dt>Facts</dt><dd>${now?.said?.facts ? html`<span class="pre">${now.said.facts}</span>` : html`<${Sealed} one=${now} name="facts" none="not written" />`}</dd><dt>Evidence</dt><dd>${now?.said?.evidence ? html`<span class="pre">${now.said.evidence}</span>` : html`<${Sealed} one=${now} name="evidence" none="not written" />`}</dd>
          ${now?.said?.elements ? html`<dt>Elements</dt><dd><span class="pre">${now.said.elements}</span></dd>` : null}<dt>Who saw it</dt><dd>${list(one.observers) ?? html`<span class="muted">not said</span>`}</dd></dl>
        ${now?.finding ? html`<div class="told-finding"><p><${FindingBadge} kind=${now.finding.kind} /> ${(now.finding.reasons ?? []).join("; ")}</p><${Rules} rules=${now.finding.rules} /></div>` : html`<${Rules} rules=${one.rules} />`}
        <${Versions} list=${(one.versions ?? []).filter((version) => version !== now)} /></div>`;
    }) : html`<p class="warn-text">${data.record.charges?.length ? `The card names ${data.record.charges.join(", ")}; no facts or evidence of it are written yet.` : "No offence is on the record."}</p>`}<//>`;
}

/** Perceived and stated stand apart. @param {{data: RecordView}} props */
function Person({ data }) {
  const one = data.person;
  const rights = data.rights?.length ? html`<h4>Rights and papers given</h4><${Events} list=${data.rights} />` : null;
  if (!one) return html`<${Part} title="Who the person is" id="rec-person"><p class="muted">Nothing was requested yet, or your role may not see it.</p>${rights}<//>`;
  const answers = Object.entries(one.answers ?? {});
  const asked = (one.answered ?? []).filter((name) => !(name in (one.answers ?? {})) && !(one.pairs ?? []).some((pair) => pair.what === name && (pair.perceived || pair.stated)));
  const pairs = (one.pairs ?? []).filter((pair) => pair.perceived || pair.stated || pair.withheld);
  return html`<${Part} title="Who the person is" id="rec-person">${one.unidentified ? html`<p class="badge">not identified: by the number alone</p>` : null}
    ${answers.length ? html`<dl class="facts">${answers.map(([name, value]) => html`<dt key=${`t${name}`}>${sayName(name)}</dt><dd key=${`d${name}`}>${value}</dd>`)}</dl>` : null}
    ${pairs.length ? html`<table class="table"><thead><tr><th scope="col">What</th><th scope="col">As perceived</th><th scope="col">As stated</th></tr></thead><tbody>${pairs.map((pair) => html`<tr key=${pair.what}><th scope="row">${pair.what}</th>${pair.withheld ? html`<td colspan="2"><span class="withheld">▒ not shown to your role</span></td>` : html`<td>${pair.perceived || html`<span class="muted">not said</span>`}</td><td>${pair.stated || html`<span class="muted">not said</span>`}</td>`}</tr>`)}</tbody></table>` : null}
    ${asked.length && !one.withheld?.length ? html`<p class="small"><span class="muted">Asked, and not answered: </span>${asked.map(sayName).join(", ")}</p>` : asked.length ? html`<p class="small"><span class="muted">Asked: </span>${(one.answered ?? []).map(sayName).join(", ")}</p>` : null}
    <${Withheld} names=${(one.withheld ?? []).filter((name) => !/_(perceived|stated)$/.test(name))} />
    ${rights}<//>`;
}

const STEPS = /** @type {const} */ ([["transport", "before transport"], ["booking", "before booking"], ["closing", "before the record is closed"]]);

/** What the record still needs, by the step that wants it. @param {{id: string, data: RecordView}} props */
function Missing({ id, data }) {
  const missing = data.record.missing ?? [];
  const done = new Set(data.record.cleared ?? []);
  return html`<${Part} title="Missing" id="rec-missing">${missing.length ? null : html`<p class="badge badge-ok">✓ complete</p>`}
    ${STEPS.map(([step, words]) => {
      const lacks = missing.filter((one) => one.before === step);
      return html`<div key=${step} class="step"><p class="step-head"><strong>${words}</strong> ${done.has(step) ? html`<span class="badge badge-ok">✓ cleared</span>` : lacks.length ? html`<span class="muted">${lacks.length}</span>` : html`<span class="badge badge-ok">✓</span>`}${may("AskArrestStep") && !done.has(step) ? html`<button type="button" class="button small" aria-label=${`Ask: ${words}`} onClick=${() => openDrawer("step", `${id}~${step}`)}>Ask…</button>` : null}</p>
        ${lacks.length ? html`<ul class="permits">${lacks.map((one) => html`<li key=${one.item}>${one.says}${one.due ? html` <${Countdown} until=${one.due} soon_s=${900} over="over" />` : null}</li>`)}</ul>` : null}</div>`;
    })}
    <p class="small muted">None of this delays release, care, water, or loosening restraints.</p><//>`;
}

/** @param {{data: RecordView}} props */
function Clocks({ data }) {
  const all = data.duties ?? [];
  const open = all.filter((one) => !one.done_at).sort((a, b) => Number(!a.due) - Number(!b.due) || String(a.due ?? "").localeCompare(String(b.due ?? "")));
  const done = all.filter((one) => one.done_at);
  if (!all.length) return null;
  return html`<${Part} title="Clocks" id="rec-clocks"><ul class="lines">${open.map((one) => html`<li key=${one.duty} class="line-item" data-rule=${one.rule}><div class="line-open duty-grid"><span class="line-text">${one.says}</span><span class="line-when">${one.due ? html`<${Countdown} until=${one.due} soon_s=${900} over="over" />` : html`for <${Ago} at=${one.since} bare />`}</span><span class="line-sub">${one.owed_by} · <span class="code">${one.rule}</span></span>
      ${may("DischargeDuty") && rows("duties")[one.duty] ? html`<button type="button" class="button small duty-act" aria-label=${`Done: ${one.says}`} onClick=${() => openDrawer("duty", one.duty)}>Done…</button>` : null}</div></li>`)}</ul>
    ${done.length ? html`<details class="quiet"><summary>${done.length} done</summary><ul class="lines">${done.map((one) => html`<li key=${one.duty} class="line-item"><div class="line-open duty-grid"><span class="line-text">✓ ${one.says}</span><span class="line-when"><${Time} at=${one.done_at} /></span></div></li>`)}</ul></details>` : null}<//>`;
}

/** Who signed for what, with their own sign-in, and the reviews. @param {{data: RecordView}} props */
function Hands({ data }) {
  const own = standing(data.versions);
  const first = data.versions[0];
  const wrote = first && first.by.person === data.record.officer.person;
  return html`<${Part} title="Signatures and reviews" id="rec-hands"><ul class="plain">${wrote ? html`<li><span class="badge badge-ok">✓ arresting</span> <${WhoText} who=${first.by} /> wrote the card · <${Time} at=${first.at} /></li>` : html`<li>${data.record.signed ? null : html`<span class="badge badge-warn">? the arresting officer has not signed</span>`}<span class="sub">Written down by <${WhoText} who=${own?.by ?? first?.by} /></span></li>`}</ul>
    <${Events} list=${data.signatures ?? []} />${data.read_back?.length ? html`<h4>Read back from paper</h4><${Events} list=${data.read_back} />` : null}
    <h4>Review of probable cause</h4>${data.reviews?.length ? html`<${Events} list=${data.reviews} />` : html`<p class="warn-text small">Not reviewed yet, by anybody who had no part in it.</p>`}<//>`;
}

/** What somebody in custody is given in writing. @type {[string, string][]} */
const GIVEN = [["notice of options", "Notice of options"], ["release papers", "Release papers"]];

/** In which languages the plan holds it. @param {string} use */
const languagesOf = (use) => [...new Set((told.value?.texts ?? []).filter((one) => one.use === use).flatMap((one) => Object.keys(one.words)))].sort();

/** The record out of the system: a paper for whoever reads it, the whole package for whoever may give it out. @param {{id: string}} props */
function OnPaper({ id }) {
  const path = `arrests/${encodeURIComponent(id)}`;
  /** @type {[string, string, string][]} */
  const papers = [["Record as PDF", `${path}/record.pdf`, `arrest-${id}.pdf`]];
  for (const [use, words] of GIVEN) for (const language of languagesOf(use)) papers.push([`${words}, ${TONGUES[language] ?? language}`, `${path}/leaving.pdf?paper=${encodeURIComponent(use)}&in=${language}`, `${use.replaceAll(" ", "-")}-${language}-${id}.pdf`]);
  if (mayExport()) papers.push(["Package for prosecutor and defence", `${path}/discovery.zip`, `arrest-${id}.zip`]);
  return html`<${Part} title="Papers" id="rec-papers"><${Papers} papers=${papers} />${mayExport() ? html`<p class="small muted">The package holds every version, the events with their proofs, files, and the list of what your role does not see. It verifies without a server: <span class="code">muster verify</span>.</p>` : null}<//>`;
}

/** @param {{data: RecordView}} props */
function Became({ data }) {
  if (!data.dispositions?.length && !data.releases?.length && !data.cleared?.length) return null;
  return html`<${Part} title="What became of it" id="rec-became">${data.record.exception ? html`<p class="small"><span class="muted">Reason for custody: </span>${wordFor("exceptions", data.record.exception)}</p>` : null}<${Events} list=${[...(data.dispositions ?? []), ...(data.cleared ?? []), ...(data.releases ?? [])].sort((a, b) => a.seq - b.seq)} /><//>`;
}
