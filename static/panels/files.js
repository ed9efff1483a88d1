/** Photos, papers and recordings of a record: what each is, its digest, whether its bytes are there. */
import { html, useEffect, useState } from "../lib.js";
import { arrestsPath } from "../arrests.js";
import { call } from "../api.js";
import { Time } from "../parts.js";
import { WhoText } from "../decision.js";
import { uploads } from "../uploads.js";
import { sizeText } from "../forms/photo.js";
import { Part } from "./record.js";

/** What the server says of the bytes behind a digest. @type {Record<string, [string, string]>} */
const ARRIVED = { waiting: ["warn", "? its bytes are not here yet"], matches: ["ok", "✓ its bytes are here and match"], differs: ["bad", "✕ what came has another digest; it is kept"], unreadable: ["warn", "? here, and of no kind that a screen may show; it is kept"], destroyed: ["warn", "destroyed on someone’s authority"] };

/** @param {{data: import("../types.d.ts").RecordView}} props */
export function Files({ data }) {
  const list = data.attachments ?? [];
  const [arrived, setArrived] = useState(/** @type {Record<string, string>} */ ({}));
  const [words, setWords] = useState("");
  async function look() {
    setWords("Looking…");
    try {
      const page = await call("GET", arrestsPath(`attachments?after=${Math.max(0, list[0].seq - 1)}&limit=200`));
      setArrived(Object.fromEntries(page.attachments.map((/** @type {import("../types.d.ts").AttachmentRow} */ one) => [one.attachment, one.finding])));
      setWords(page.attachments.some((/** @type {import("../types.d.ts").AttachmentRow} */ one) => list.some((known) => /** @type {any} */ (known.public ?? {}).attachment === one.attachment)) ? "" : "Your role may not see this: pictures of people need that compartment.");
    } catch (error) {
      setWords(/** @type {Error} */ (error).message);
    }
  }
  return html`<${Part} title="Photos, sound and papers" id="rec-files">${list.length ? html`<ul class="files">${list.map((one) => html`<${File} key=${one.event} one=${one} arrived=${arrived[String(/** @type {any} */ (one.public ?? {}).attachment)]} />`)}</ul><p><button type="button" class="button small" onClick=${look}>Have the files arrived?</button> <span class="small" role="status">${words}</span></p>` : html`<p class="muted">None on record.</p>`}<//>`;
}

/** The copy that is for screens, fetched when somebody asks for it: each look is on the trail. @param {{attachment: string, kind: string}} props */
function Picture({ attachment, kind }) {
  const [url, setUrl] = useState("");
  const [words, setWords] = useState("");
  useEffect(() => () => { if (url) URL.revokeObjectURL(url); }, [url]);
  async function look() {
    setWords("Fetching…");
    const got = await shownCopy(attachment);
    setWords(got.words);
    if (got.url) setUrl(got.url);
  }
  if (url) return html`<img class="photo-shown" src=${url} alt=${`The ${kind} of this record`} />`;
  return html`<p><button type="button" class="button small" onClick=${look}>Show the picture</button> <span class="small" role="status">${words}</span></p>`;
}

/** What was recorded, fetched when somebody asks for it, as a picture is. @param {{attachment: string}} props */
function Recording({ attachment }) {
  const [url, setUrl] = useState("");
  const [words, setWords] = useState("");
  useEffect(() => () => { if (url) URL.revokeObjectURL(url); }, [url]);
  async function listen() {
    setWords("Fetching…");
    const got = await shownCopy(attachment);
    setWords(got.words);
    if (got.url) setUrl(got.url);
  }
  if (url) return html`<audio controls autoplay src=${url}></audio>`;
  return html`<p><button type="button" class="button small" onClick=${listen}>Listen</button> <span class="small" role="status">${words}</span></p>`;
}

/** The copy of a file that is for screens, or why there is none. @param {string} attachment @returns {Promise<{url: string, words: string}>} */
async function shownCopy(attachment) {
  try {
    const answer = await fetch(arrestsPath(`attachments/${encodeURIComponent(attachment)}`), { credentials: "same-origin", cache: "no-store" });
    if (answer.ok) return { url: URL.createObjectURL(await answer.blob()), words: "" };
    return { url: "", words: answer.status === 403 ? "Not shown to your role." : answer.status === 404 ? "Its bytes are not here yet, or not for your role." : `The server answered ${answer.status}.` };
  } catch {
    return { url: "", words: "No answer from the server." };
  }
}

/** Events of records that may have files, and those that report one. */
const HAVE_FILES = new Set(["AttachmentAdded", "WarningGiven", "ForceReported", "ObservationRecorded", "InterventionReported", "InjuryNoted", "EntryRecorded", "DistressFlagged", "ArrestRecorded"]);

/** The pictures and the sound of the record that an event is about, for whoever may see them; looked for when somebody asks. @param {{entry: import("../types.d.ts").Entry}} props */
export function FilesOf({ entry }) {
  const [found, setFound] = useState(/** @type {import("../types.d.ts").AttachmentRow[] | null} */ (null));
  const [words, setWords] = useState("");
  useEffect(() => { setFound(null); setWords(""); }, [entry.seq]);
  if (!HAVE_FILES.has(entry.type) || !entry.record) return null;
  async function look() {
    setWords("Looking…");
    try {
      const page = /** @type {import("../types.d.ts").AttachmentsPage} */ (await call("GET", arrestsPath(`attachments?after=${Math.max(0, entry.seq - 1)}&limit=500`)));
      const own = (page.attachments ?? []).filter((one) => (entry.type === "AttachmentAdded" ? one.seq === entry.seq : one.record === entry.record));
      setFound([...own]);
      setWords(own.length ? "" : "None that your role is shown.");
    } catch (error) {
      setWords(/** @type {Error} */ (error).message);
    }
  }
  return html`<section><p>${found?.length ? null : html`<button type="button" class="button" onClick=${look}>Pictures and sound…</button>`} <span class="small" role="status">${words}</span></p>
    ${found?.length ? html`<ul class="files">${found.map((one) => html`<li class="file" key=${one.attachment} data-attachment=${one.attachment}><p><strong>${one.kind}</strong> · ${sizeText(one.size_bytes)} · #${one.seq}</p>
      ${ARRIVED[one.finding] ? html`<p><span class=${`badge badge-${ARRIVED[one.finding][0]}`}>${ARRIVED[one.finding][1]}</span></p>` : null}
      ${one.finding !== "matches" ? null : one.kind === "audio" ? html`<${Recording} attachment=${one.attachment} />` : one.kind.endsWith("photo") || one.kind === "photo with officer" ? html`<${Picture} attachment=${one.attachment} kind=${one.kind} />` : null}</li>`)}</ul>` : null}</section>`;
}

/** @param {{one: import("../types.d.ts").Told, arrived?: string}} props */
function File({ one, arrived }) {
  const said = /** @type {any} */ (one.public ?? {});
  const going = uploads.value[said.attachment];
  return html`<li class="file" data-attachment=${said.attachment}><p><strong>${said.kind ?? "a file"}</strong> · ${said.size_bytes ? sizeText(said.size_bytes) : ""} ${said.media ?? ""}</p><p class="small muted"><${Time} at=${one.at} /> · <${WhoText} who=${one.by} /> · #${one.seq}</p>
    ${said.sha256 ? html`<p class="small">SHA-256 <span class="code">${said.sha256}</span></p>` : null}${one.said?.note ? html`<p class="small">${one.said.note}</p>` : null}${arrived && ARRIVED[arrived] ? html`<p><span class=${`badge badge-${ARRIVED[arrived][0]}`}>${ARRIVED[arrived][1]}</span></p>` : null}
    ${String(said.media ?? "").startsWith("image/") && said.attachment ? html`<${Picture} attachment=${said.attachment} kind=${said.kind} />` : String(said.media ?? "").startsWith("audio/") && said.attachment ? html`<${Recording} attachment=${said.attachment} />` : null}
    ${going && going.state !== "kept" ? html`<p class="small" role="status">${going.state === "sending" ? `On its way: ${sizeText(going.sent_bytes)} of ${sizeText(going.size_bytes)}` : going.words || "Waiting to be sent"}</p>` : null}</li>`;
}

