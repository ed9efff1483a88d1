/**
 * A warning to a crowd, as it was given: the approved text word for word, what the plan's sequence asks of each warning,
 * and only what is known of how it was given and heard.
 */
import { html } from "../lib.js";
import { command, count, idLine, line, lines, newId, note, number, personOptions, place, sector, select, tri, when, yesNo } from "./options.js";
import { Time, sectorName } from "../parts.js";
import { rows } from "../store.js";
import { sequenceOf, shortFor, textOf, words } from "../plan.js";
import { toolField } from "./force.js";
import { TONGUES } from "../tongues.js";

/** @typedef {import("./options.js").Spec} Spec */


/** @returns {(readonly [string, string])[]} */
const tongues = () => words("languages").map(([id]) => [id, TONGUES[id] ? `${TONGUES[id]} (${id})` : id]);

/** @param {string} key the sector, or nothing @returns {Spec} */
export function warningSpec(key) {
  const texts = words("texts");
  const spoken = tongues();
  return {
    title: key ? `Warning given in ${key}` : "Warning given", command: "ReportWarning", intro: "A warning or order to a crowd, as it was given. Answer only what is known.",
    fields: [...(key ? [] : [sector(true)]),
      texts.length ? select("text", "Text used", [...texts, ["other", "Other words, none that the plan approves"]], { required: true }) : idLine("text", "Approved text used", { required: true, hint: "Its id in the plan; “other” where other words were used." }),
      spoken.length ? select("language", "Language", spoken, { required: true }) : line("language", "Language", { suggest: ["en", "es"] }),
      { name: "approved", label: "The approved words", kind: "shown", show: (v) => Approved({ text: v.text ?? "", language: v.language ?? "" }) },
      note("words", "Words where they differed"),
      spoken.length ? { name: "languages", label: "Also given in", kind: "checks", options: spoken } : note("languages", "Further languages", { hint: "One a line." }),
      { name: "says_what", label: "What it said", kind: "checks", options: words("says") },
      yesNo("amplified", "Amplified"), yesNo("audible", "Heard at the far side of the crowd", { hint: "Someone there confirmed it, not the person who spoke." }), select("rear_by", "Who confirmed from the rear of the crowd that it was heard there", personOptions(), { none: "Nobody, or not known", hint: "By voice or signal, and not by the person who spoke." }), yesNo("on_camera", "On camera"), number("places", "From how many places"),
      note("exits", "Ways out that it named", { hint: "One a line." }), yesNo("exits_open", "A way out was open at that time"),
      toolField("weapon", "Tool that it named", { none: "None" }, (one) => one.grant === "needed"), place, when],
    ways: [{ label: "Record", build: (v) => command("ReportWarning", {
      warning: newId(), sector: key || v.sector, text: v.text, words: v.words, language: v.language || "en", languages: Array.isArray(v.languages) ? v.languages.filter((one) => one !== v.language) : lines(v.languages), says_what: v.says_what,
      amplified: tri(v.amplified) ?? false, on_camera: tri(v.on_camera) ?? false, audible: tri(v.audible), rear_by: v.rear_by, places: count(v.places), exits: lines(v.exits), exits_open: tri(v.exits_open), weapon: v.weapon, place: v.place }) }],
  };
}

/** @param {string} text */
const capital = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);

/**
 * Whether a warning that was given was heard: of each warning by whoever stood there. The sequence is judged with it from then on.
 * @param {string} key `sector~warning` @returns {Spec}
 */
export function heardSpec(key) {
  const [sector_, warning] = key.split("~");
  const given = (/** @type {any} */ (rows("warnings")[sector_])?.given ?? []).find((/** @type {any} */ one) => one.id === warning);
  return {
    title: "Was the warning heard?", command: "ReportAudibility", intro: html`${given ? html`${capital(shortFor(given.text))}, given in ${sectorName(sector_)} at <${Time} at=${given.at} />. ` : ""}Say it for where you stood, or for somebody who told you. Where anybody did not hear it, it does not count.`,
    fields: [select("heard", "At the far side of the crowd", [["yes", "Heard and understood"], ["no", "Not heard, or not understood"]], { required: true }),
      select("by", "Who listened", personOptions(), { none: "I did" }), yesNo("rear", "They stood at the rear of the crowd"), note("note", "Where, and how it was found", { rows: 2 }), place, when],
    ways: [{ label: "Record", build: (v) => ({ ...command("ReportAudibility", { check: newId(), warning, sector: sector_, by: v.by, rear: tri(v.rear) || undefined, place: v.place, note: v.note }), heard: v.heard === "yes" }) }],
  };
}

/** @param {{text: string, language: string}} props */
function Approved({ text, language }) {
  const found = textOf(text);
  const rule = sequenceOf(text);
  if (!found && !rule) return null;
  const said = found?.words[language];
  const asks = rule ? [
    `${rule.count} ${rule.count === "1" ? "warning" : "warnings"}${rule.interval ? `, ${rule.interval} between two` : ""}${rule.wait ? `, then ${rule.wait} to leave` : ""}`,
    rule.amplified && "amplified", rule.audible === "confirmed" && "confirmed to be heard", rule.rear === "confirmed" && "confirmed from the rear of the crowd", rule.on_camera && "on camera", rule.exits_open && "a way out named and open", rule.names_weapon && "it names the tool", rule.same_person && "by one and the same person",
  ].filter(Boolean) : [];
  return html`<div class="approved">
    ${found ? html`<p class="part-title">The approved words${language ? "" : ": choose a language"}</p>${said ? html`<blockquote lang=${language}>${said}</blockquote>` : language ? html`<p class="warn-text">The plan approves no words in this language.</p>` : null}
      ${found.holds?.length ? html`<p class="small muted">They say: ${found.holds.join("; ")}.</p>` : null}` : null}
    ${rule ? html`<p class="small">The sequence takes ${asks.join("; ")}. <span class="muted">${rule.source}${rule.verified === "V" ? "" : rule.verified ? ` · ${rule.verified}: check with counsel` : ""}</span></p>` : null}</div>`;
}
