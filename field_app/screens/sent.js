/** What lies on this tablet and what became of it: draft, waiting, sent, accepted, held, turned down, refused, returned. Always in sight. */
import { Unreachable, call, incidentPath } from "../../static/api.js";
import { html, useEffect, useState } from "../../static/lib.js";
import { Decision, FindingText } from "../../static/decision.js";
import { tick } from "../../static/time.js";
import { go } from "../address.js";
import { drafts, keepDraft } from "../drafts.js";
import { fileRow, filesOf } from "../files.js";
import { specOf } from "../forms.js";
import { firstBack, mendName } from "../mending.js";
import { here, tablet } from "../state.js";
import { Says, Screen, Sure, ago, at, kindOf } from "./parts.js";

/** @type {Record<string, [string, string, string]>} sign, tone, words */
const STATES = {
  waiting: ["…", "warn", "waits for the line"],
  sent: ["↑", "none", "on its way"],
  accepted: ["✓", "ok", "recorded"],
  held: ["?", "warn", "held back at the server"],
  declined: ["✕", "bad", "turned down at the server"],
  refused: ["✕", "bad", "refused"],
  returned: ["↩", "bad", "came back: mend it"],
  mended: ["↷", "none", "came back, and was written anew"],
};

/** @type {Record<string, string>} */
const TROUBLE = {
  unbound: "The server's answer does not hold what was signed here. It stays, and is tried again. Tell an administrator.",
  full: "The server holds too much of this tablet back and takes no more until somebody decides. It stays here.",
  box: "The server could not open its box. It goes in the open when you are signed in.",
  author: "The server's answer can be checked only with what was signed here: it stays until its author is signed in, and goes on by itself.",
  unknown: "The server answered something that this tablet does not know. It stays, and is tried again.",
};

/** @type {Record<string, string>} */
const HELD = { revoked: "this tablet was revoked", author: "it waits to be claimed by its author", access: "you had no grant here when it happened", time: "by its clock it was signed before this tablet was enrolled; an administrator compares it and lets it in. Look at the tablet's date" };

/** Counts by state, fresh at each change. @returns {{waiting: number, trouble: number, held: number, accepted: number, oldest_ms: number | null} | null} */
export function useCounts() {
  const outbox = tablet.value?.outbox;
  const [counts, setCounts] = useState(/** @type {any} */ (null));
  useEffect(() => {
    void outbox?.counts().then((/** @type {any} */ found) => setCounts({ waiting: (found.waiting ?? 0) + (found.sent ?? 0), trouble: (found.declined ?? 0) + (found.refused ?? 0) + (found.returned ?? 0), held: found.held ?? 0, accepted: found.accepted ?? 0, oldest_ms: found.oldest_ms }));
  }, [outbox?.changes.value]);
  return counts;
}

/** On the first screen: what became of all that lies here, in one line that leads to it. */
export function Standing() {
  const counts = useCounts();
  if (!counts) return null;
  /** @type {[number, string, string][]} */
  const said = [[counts.trouble, "came back or refused", "bad-text"], [counts.held, "held back", "warn-text"], [counts.waiting, "to be sent", "warn-text"], [counts.accepted, "recorded", "ok-text"]];
  const some = said.filter(([count]) => count);
  if (!some.length) return null;
  return html`<button type="button" class="button big wide standing" onClick=${() => go("sent")}><span class="sr">Of what was written on this tablet: </span>${some.map(([count, words, tone], n) => html`<span key=${words} class=${tone}>${n ? " · " : ""}${count} ${words}</span>`)}</button>`;
}

/** @param {{of: string}} props a record's number on this tablet, or nothing */
export function Sent({ of }) {
  return of ? html`<${One} seq=${Number(of)} />` : html`<${List} />`;
}

function List() {
  const outbox = here().outbox;
  const [lines, setLines] = useState(/** @type {import("../outbox.js").Line[] | null} */ (null));
  const [most, setMost] = useState(50);
  const counts = useCounts();
  useEffect(() => { void outbox.lines(most).then(setLines); }, [outbox.changes.value, most]);
  void tick.value;
  return html`<${Screen} title="Sent and waiting">
    ${outbox.cut ? html`<p class="form-refused">The server has cut this tablet off. It goes on handing in what it has; what comes is held back and decided by a person.</p>` : null}
    ${counts?.waiting ? html`<p><strong>${counts.waiting}</strong> of this tablet wait${counts.oldest_ms ? `, the oldest for ${ago(counts.oldest_ms)}` : ""}.</p>` : html`<p class="ok-text">Nothing waits to be sent.</p>`}
    ${lines === null ? html`<p role="status">One moment…</p>` : lines.length ? html`<ul class="plain sent-list">${lines.map((line) => html`<${Line} key=${line.row.device_seq} line=${line} />`)}</ul>` : html`<p class="empty">You have written nothing on this tablet.</p>`}
    ${lines?.length === most ? html`<button type="button" class="button big wide" onClick=${() => setMost(most + 100)}>Show more</button>` : null}
    ${lines?.length ? html`<p class="muted">What was recorded stays in this list for a week after you could see it here. Older ones are at the station.</p>` : null}</${Screen}>`;
}

/** @param {{line: import("../outbox.js").Line}} props */
function Line({ line: { row, title, type, occurred_ms } }) {
  const [sign, tone, words] = STATES[row.state] ?? ["·", "none", row.state];
  return html`<li><button type="button" class=${`sent-line edge-${tone}`} onClick=${() => go("sent", String(row.device_seq))}>
    <span class="sent-sign" aria-hidden="true">${sign}</span><span class="sent-text"><strong>${title || (type ? kindOf(type) : "Record")}</strong> <span class="muted">${at(occurred_ms)}</span>
    <span class="sub">${words}${row.log_seq ? ` as #${row.log_seq}` : ""}${row.files ? ` · ${row.files} ${row.files === 1 ? "file follows" : "files follow"}` : ""}</span></span></button></li>`;
}

/** Pictures and sound of it that the server would not take: why, and once more. @param {{seq: number}} props */
function Untaken({ seq }) {
  const { db, following } = here();
  const [words, setWords] = useState(/** @type {string[]} */ ([]));
  useEffect(() => { void filesOf(db, seq).then((files) => setWords(files.filter((one) => one.state === "not taken").map((one) => one.words))); }, [following.refused.value]);
  if (!words.length) return null;
  return html`<div class="form-refused" role="status">${words.map((why, n) => html`<p key=${n}>A picture or sound of it was not taken: ${why}. It stays on this tablet, and goes into the sealed file under More.</p>`)}
    <button type="button" class="button big" onClick=${() => { setWords([]); void following.again(seq); }}>Send it once more</button></div>`;
}

/** What came back is nowhere but here: that goes by a second touch. @param {{lost: boolean, act: () => void}} props */
function PutAway({ lost, act }) {
  const [sure, setSure] = useState(false);
  if (!sure) return html`<button type="button" class="button big" onClick=${() => (lost ? setSure(true) : act())}>I have read this: put it away</button>`;
  return html`<p class="warn-text">It was recorded nowhere, and nobody else has it.</p><${Sure} label="Put away what came back?" yes="Yes, it is not needed any more" act=${act} keep=${() => setSure(false)} />`;
}

/** One record, as its author reads it. @param {{seq: number}} props */
function One({ seq }) {
  const outbox = here().outbox;
  const [found, setFound] = useState(/** @type {any} */ (undefined));
  const [words, setWords] = useState("");
  useEffect(() => {
    void Promise.all([outbox.line(seq), outbox.open(seq).catch(() => null), outbox.answer(seq).catch(() => null), outbox.mending(seq).catch(() => null), drafts(here().db, here().keys)])
      .then(([line, said, answer, mending, begun]) => {
        const id = mending ? mendName(mending.name, firstBack(mending.tap)) : "";
        setFound({ line, said, answer, mending, draft: begun.some((one) => one.id === id) ? id : "" });
      });
  }, [seq, outbox.changes.value]);
  if (!found) return html`<${Screen} title="Record" back="sent"><p role="status">One moment…</p></${Screen}>`;
  if (!found.line) return html`<${Screen} title="Record" back="sent"><p class="empty">This record is not yours, or is no longer here.</p></${Screen}>`;
  const { row, occurred_ms } = found.line;
  const title = found.line.title || (found.line.type ? kindOf(found.line.type) : "");
  const [, , became] = STATES[row.state] ?? ["", "", row.state];
  const back = ["declined", "refused", "returned", "held"].includes(row.state);
  const mendable = back && row.state !== "held" && row.told && found.mending && !found.draft;
  const waits = row.state === "held" && row.files > 0;
  async function mend() {
    const { name, fields, tap } = found.mending;
    const id = mendName(name, firstBack(tap));
    try {
      await keepDraft(here().db, here().keys, { id, title: `${specOf(name)?.title ?? name}: came back`, fields: await whole(fields) });
    } catch (error) {
      return setWords(`It could not be opened: ${/** @type {Error} */ (error).message}. Nothing of it is lost.`);
    }
    return go("new", id);
  }
  return html`<${Screen} title=${title || "Record"} back="sent">
    <p class=${row.state === "accepted" ? "recorded" : "became"}>${became[0].toUpperCase() + became.slice(1)}${row.log_seq ? ` as #${row.log_seq}` : ""}.</p>
    ${row.state === "mended" ? html`<p class="told">It was written anew, and does not go out again. <button type="button" class="button big" onClick=${() => go("sent", String(row.mended))}>See the new one</button></p>` : null}
    ${row.trouble ? html`<p class="form-refused">${row.state === "held" && row.trouble === "author" ? LET_IN : TROUBLE[row.trouble]}</p>` : null}
    ${row.state === "held" ? html`<p class="told">Held back: ${HELD[row.code] ?? "somebody decides on it"}. Nothing of it is lost. This tablet asks now and then what became of it.</p>` : null}
    ${row.state === "declined" ? html`<${Why} row=${row} />` : null}
    ${found.answer?.problem ? html`<p class="form-refused">${found.answer.problem}${found.answer.where ? ` (${found.answer.where})` : ""}</p>` : null}
    ${found.answer?.decision ? html`<${Decision} decision=${found.answer.decision} heading="The plan's answer" />` : null}
    ${found.answer?.finding ? html`<${FindingText} finding=${found.answer.finding} />` : null}
    <${Untaken} seq=${seq} />
    <${Times} row=${row} occurred_ms=${occurred_ms} />
    ${found.said ? html`<section class="field-card"><h2>What you wrote</h2><${Says} command=${found.said.command} /></section>` : row.state === "mended" ? null : html`<p class="muted">What it said is at the server now: this tablet keeps no copy of what was recorded.</p>`}
    ${words ? html`<p class="trouble" role="alert">${words}</p>` : null}
    ${waits ? html`<p class="told">It cannot be put away yet: ${row.files === 1 ? "a file of it lies" : `${row.files} files of it lie`} only on this tablet, and whoever decides on it needs ${row.files === 1 ? "it" : "them"}. ${row.files === 1 ? "It follows" : "They follow"} by ${row.files === 1 ? "itself" : "themselves"}; from a tablet that was cut off once the record is let in, or in the sealed file under More.</p>` : null}
    ${back ? html`<div class="field-acts">${mendable ? html`<button type="button" class="button huge strong" onClick=${mend}>Open it and mend it</button>` : null}
      ${found.draft ? html`<button type="button" class="button huge strong" onClick=${() => go("new", found.draft)}>Go on mending it</button>` : null}
      ${waits || found.draft ? null : html`<${PutAway} lost=${row.state === "returned"} act=${() => { void outbox.putAway(seq).then(() => go("sent")); }} />`}</div>` : null}</${Screen}>`;
}

const LET_IN = "It was let in at the station, and nothing is to be written again. This tablet could not check the server's answer, so what it has stays here.";

/** Why it was turned down: its author reads it, in their session. @param {{row: import("../outbox_rows.js").Row}} props */
function Why({ row }) {
  const [words, setWords] = useState("One moment…");
  const look = () => void call("GET", incidentPath(row.incident, `held/${row.item}`)).then(
    (found) => setWords(found.why ? `Why: ${found.why}` : "No reason was given."),
    (error) => setWords(error instanceof Unreachable ? "Why stands at the server: look again when there is a network." : "The server does not show here why: ask an administrator."),
  );
  useEffect(look, [row.item]);
  return html`<p class="told" role="status">It was held back, and somebody turned it down. It is not in the log, and stays whole at the server. ${words}</p>`;
}

/** Three times: when it happened, when it was signed here, when the server recorded it; and how far this clock was off. @param {{row: import("../outbox_rows.js").Row, occurred_ms: number}} props */
function Times({ row, occurred_ms }) {
  return html`<dl class="field-card times"><dt>Happened</dt><dd>${at(occurred_ms)}</dd><dt>Written here</dt><dd>${at(row.saved_server_ms)}</dd><dt>Recorded</dt><dd>${row.recorded_at ? at(row.recorded_at) : "not yet"}</dd>
    <dt>This clock</dt><dd>${row.clock_error_ms < 2000 ? "right to 2 s" : row.clock_error_ms >= 86_400_000 ? "not known: the server was never heard" : `may be off by ${Math.ceil(row.clock_error_ms / 1000)} s`}</dd></dl>`;
}

/** What was in a form, but for the files that are on this tablet no more. @param {Record<string, any>} fields */
async function whole(fields) {
  /** @param {any} one */
  const here_ = async (one) => !(one?.attachment && one.key) || Boolean(await fileRow(here().db, one.attachment));
  const kept = await Promise.all(Object.entries(fields).map(async ([name, value]) => {
    if (!Array.isArray(value)) return [name, (await here_(value)) ? value : undefined];
    const there = await Promise.all(value.map(here_));
    return [name, value.filter((_, n) => there[n])];
  }));
  return Object.fromEntries(kept);
}
