/**
 * Asking for force and answering for it. Nothing is filled in beforehand: an authorizer writes their own facts. There is no
 * form for more than one ask.
 */
import { live, rows } from "../store.js";
import { check, command, count, idLine, line, minutes, newId, note, number, personOptions, place, same, sector, select, sectorOptions } from "./options.js";
import { purposesOf, toolOptions, unitOf, words, wordFor } from "../plan.js";
import { subjectId } from "../ids.js";

/** @typedef {import("./options.js").Spec} Spec */

export const PURPOSES = ["protect person", "arrest", "prevent damage", "disperse", "contain", "barricade"];

/** Ways to act against particular persons before anything reaches the others (the answers that reports tell apart). @type {(readonly [string, string])[]} */
export const TARGETED = [["spoken-to", "They were spoken to"], ["citation", "They were cited"], ["removed-from-crowd", "They were led away from the others"], ["arrest", "They were arrested"]];

/** A tool of the plan by its name; typed only while the plan has told none. @param {string} name @param {string} label @param {Partial<import("./form.js").FieldSpec>} more @param {(tool: import("../types.d.ts").ToolWord) => boolean} [keep] @returns {import("./form.js").FieldSpec} */
export function toolField(name, label, more, keep) {
  const options = toolOptions(keep);
  return options.length ? select(name, label, options, more) : idLine(name, label, { ...more, hint: more.hint ?? "As the plan names it." });
}

/** The purposes that the plan speaks of for the tool chosen. @param {Partial<import("./form.js").FieldSpec>} more @param {string} [tool] @returns {import("./form.js").FieldSpec} */
export const purposeField = (more, tool) => ({ ...select("purpose", "Purpose", [], more), choose: (v) => same(purposesOf(tool || v.tool).length ? purposesOf(tool || v.tool) : PURPOSES) });

/** A drawer key of several ids. @param {string} key */
export const split = (key) => key.split("~");

const facts = (/** @type {string} */ label) => note("facts", label, { required: true, hint: "Your own: what you saw, or who told you and what they saw. Conduct, not opinions or who attends." });
const findings = () => ({ name: "findings", label: "Findings that you make", kind: /** @type {const} */ ("ids"), options: words("findings"), hint: "Only what you can answer for yourself." });
const lasts = (/** @type {string} */ label) => number("minutes", label, { hint: "In minutes. The plan’s own limit applies where it is shorter." });

/** @param {string} key */
const toolOf = (key) => /** @type {any} */ (rows("asks")[key])?.tool || /** @type {any} */ (rows("grants")[key])?.tool || "";

/** @type {Record<string, (key: string) => Spec>} */
export const FORCE = {
  askforce: askForce,
  grantforce: (key) => ({
    title: "Grant force", command: "GrantForce", intro: "You are responsible for this grant. It runs from now and ends by itself; it may be narrower than the request, never wider.",
    fields: [facts("The facts on which you decide"), findings(),
      check("witnessed", "I saw it with my own eyes"), check("on_scene", "I am at the place"),
      lasts("For how long"), number("quantity", "How many, if fewer than asked")],
    ways: [{ label: "Grant", build: (v) => command("GrantForce", { ask: key, facts: v.facts, findings: v.findings, witnessed: v.witnessed || undefined, on_scene: v.on_scene || undefined, lasts_s: minutes(v.minutes), quantity: count(v.quantity) }) },
      { label: "Deny instead…", open: ["deny", key] }],
  }),
  relay: (key) => ({
    title: "Write down an order that was spoken", command: "GrantForce", intro: "The authority is the speaker’s, and you write it down. The speaker confirms it afterwards; until then it is shown as not confirmed.",
    fields: [select("speaker", "Who spoke the order", personOptions(), { required: true }), line("channel", "By which channel", { required: true, suggest: ["command radio", "telephone", "in person"] }),
      note("facts", "The facts that the speaker gave", { required: true }), check("read_back", "I read it back to the speaker and they agreed", { required: true }),
      check("witnessed", "The speaker says: I saw it with my own eyes"), check("on_scene", "The speaker says: I am at the place"), lasts("For how long")],
    ways: [{ label: "Record the order", build: (v) => command("GrantForce", { ask: key, speaker: v.speaker, channel: v.channel, facts: v.facts, read_back: v.read_back, witnessed: v.witnessed || undefined, on_scene: v.on_scene || undefined, lasts_s: minutes(v.minutes) }) },
      { label: "Deny instead…", open: ["deny", key] }],
  }),
  cosign: (key) => ({
    title: "Sign beside the authorizer", command: "CoSignForce", intro: "Your signature alone grants nothing: the authorizer still decides.",
    fields: [note("statement", "What you rest it on")],
    ways: [{ label: "Sign", build: (v) => command("CoSignForce", { ask: key, statement: v.statement }) },
      { label: "Do not sign", open: ["", ""] }],
  }),
  callback: (key) => ({
    title: "Signature by call-back", command: "CoSignForce", intro: "For someone without an account. Call them back on a number that you know to be theirs, and read the text of the request to them.",
    fields: [idLine("signer", "Who signs", { required: true, hint: "Their id in the plan, for example mayor." }), words("offices").length ? select("office", "Their office", words("offices"), { required: true }) : line("office", "Their office", { required: true, hint: "The plan requires no official's signature; what you write is judged all the same." }), line("channel", "How they were called back", { required: true, suggest: ["telephone"] }),
      check("call_back", "I called them back myself", { required: true }), check("read_back", "I read the text above to them and they agreed to it", { required: true }), note("statement", "What they said")],
    ways: [{ label: "Record the signature", build: (v) => command("CoSignForce", { ask: key, signer: v.signer, office: v.office, channel: v.channel, call_back: !!v.call_back, read_back: !!v.read_back, statement: v.statement }) },
      { label: "Do not record", open: ["", ""] }],
  }),
  renewgrant: (key) => ({
    title: "Renew a grant", command: "RenewGrant", intro: "Renewing means granting again: everything is judged as it is now, and signatures are needed again.",
    fields: [facts("The facts as they are now"), findings(), check("witnessed", "I saw it with my own eyes"), check("on_scene", "I am at the place"), lasts("For how much longer")],
    ways: [{ label: "Renew", build: (v) => command("RenewGrant", { grant: key, facts: v.facts, findings: v.findings, witnessed: v.witnessed || undefined, on_scene: v.on_scene || undefined, lasts_s: minutes(v.minutes) }) },
      { label: "Revoke instead…", open: ["revoke", key] }],
  }),
  revoke: (key) => ({
    title: `Revoke: ${wordFor("tools", toolOf(key) || "grant")}`, command: "RevokeGrant", intro: "The authorization ends at once.",
    fields: [note("reason", "Why", { required: true })],
    ways: [{ label: "Revoke", build: (v) => command("RevokeGrant", { grant: key, reason: v.reason }) }],
  }),
  confirmrelay: (key) => ({
    title: "Confirm an order that you spoke", command: "ConfirmRelay", intro: "Somebody else wrote it down in your name. Confirm only what you said.", fields: [],
    ways: [{ label: "I gave this order", build: () => command("ConfirmRelay", { grant: key }) },
      { label: "Not mine: revoke…", open: ["revoke", key] }],
  }),
  askposture: (key) => postureSpec(key, true),
  posture: (key) => postureSpec(key, false),
  postureask: (key) => {
    const ask = /** @type {any} */ (rows("asks")[key]);
    return {
      title: "Bring it up as asked", command: "ChangePosture", intro: "On your own authority and facts; it is reviewed when the plan says so.",
      fields: [facts("The facts on which you decide"), findings()],
      ways: [{ label: "Grant", build: (v) => command("ChangePosture", { ask: key, sector: ask?.sector, posture: ask?.posture, state: ask?.state, facts: v.facts, findings: v.findings }) },
        { label: "Deny instead…", open: ["deny", key] }],
    };
  },
  renewposture: (key) => {
    const [where, what] = split(key);
    return {
      title: `${wordFor("postures", what)} in ${where}: looked at again`, command: "RenewPosture", intro: "The level is still justified by the facts as they are now.",
      fields: [facts("The facts on which it still holds"), findings()],
      ways: [{ label: "It still holds", build: (v) => command("RenewPosture", { sector: where, posture: what, facts: v.facts, findings: v.findings }) },
        { label: "Stand it down…", open: ["posture", key] }],
    };
  },
  suspend: () => ({
    title: "Suspend a rule of the plan", command: "SuspendRule", intro: "For a stated time and under a stated clause, recorded with its reason. Laws, prohibitions and bars cannot be suspended.",
    fields: [idLine("pack", "Pack", { required: true }), idLine("rule", "Rule", { required: true, hint: "As shown beside each answer, for example tactic.area-tools." }),
      line("clause", "Under which clause", { required: true }), note("statement", "Why", { required: true }), number("minutes", "For how many minutes", { required: true })],
    ways: [{ label: "Suspend", build: (v) => command("SuspendRule", { pack: v.pack, rule: v.rule, clause: v.clause, statement: v.statement, lasts_s: minutes(v.minutes) }) }],
  }),
  resume: (key) => {
    const [pack, rule] = split(key);
    return {
      title: "Put a rule back in force", command: "ResumeRule",
      fields: key ? [] : [idLine("pack", "Pack", { required: true }), idLine("rule", "Rule", { required: true })],
      ways: [{ label: "Back in force", build: (v) => command("ResumeRule", { pack: v.pack || pack, rule: v.rule || rule }) }],
    };
  },
  delegate: () => ({
    title: "Delegate authority", command: "DelegateAuthority", intro: "Your own authority, in writing, for a stated time.",
    fields: [select("delegate", "To whom", personOptions((p) => p.id !== live.me.value?.person), { required: true }),
      select("position", "Whose authority", Object.values(rows("positions")).map((p) => [p.id, p.title]), { none: "That of my rank" }),
      number("minutes", "For how many minutes", { required: true }), check("written", "It is in writing")],
    ways: [{ label: "Delegate", build: (v) => command("DelegateAuthority", { delegation: newId(), delegate: v.delegate, position: v.position, lasts_s: minutes(v.minutes), written: v.written || undefined }) }],
  }),
  enddelegation: (key) => ({
    title: "Take a delegation back", command: "EndDelegation", fields: key ? [] : [idLine("delegation", "Delegation", { required: true })],
    ways: [{ label: "Take it back", build: (v) => command("EndDelegation", { delegation: key || v.delegation }) }],
  }),
};

/** @param {string} key "sector~tool~purpose", each may be missing @returns {Spec} */
function askForce(key) {
  const [where, tool, purpose] = split(key);
  const title = tool ? `Ask for ${wordFor("tools", tool)}${where ? ` in ${where}` : ""}` : "Ask for a tool of force";
  return {
    title, command: "AskForce", intro: "A request waits for someone who may decide it. No answer means no. Say what you know; whoever decides is shown what is missing.",
    fields: [...(where ? [] : [sector(true)]),
      ...(tool ? [] : [toolField("tool", "Tool or measure", { required: true }, (one) => one.grant === "needed")]),
      ...(purpose ? [] : [purposeField({ required: true }, tool)]),
      note("objective", "Objective, and the resistance met", { required: true, hint: "What it is meant to achieve, against which conduct, and what speaks against it." }),
      { name: "grounds", label: "Why, in the plan’s words", kind: "ids", options: words("grounds") },
      { name: "findings", label: "Findings that you make", kind: "ids", options: words("findings") },
      check("imminent", "There is imminent danger"),
      { name: "deescalation", label: "De-escalation tried", kind: "ids", options: words("measures") }, note("deescalation_why_not", "If none was tried, why not"),
      { name: "targeted", label: "Action against those alone who do it: tried", kind: "checks", options: TARGETED }, note("targeted_why_not", "If none was tried, why not that"),
      select("indiscriminate", "Whom it reaches", [["no", "Named or seen persons alone"], ["yes", "A crowd, at nobody in particular"]], { none: "Not said" }),
      check("one", "It is for one person", { hint: "The record gets a number that says nothing about the person." }),
      { name: "zones", label: "Where on the body it is aimed", kind: "ids", options: words("zones") }, number("distance_m", "From how far at the nearest, in metres"),
      { name: "users", label: "Who would use it", kind: "checks", options: personOptions((p) => p.on_scene !== false) },
      number("quantity", `How many${unitOf(tool) || " rounds or devices"}`), lasts("For how long"), place],
    ways: [{ label: "Ask", build: (v) => command("AskForce", {
      ask: newId(), tool: tool || v.tool, purpose: purpose || v.purpose, sector: where || v.sector, zones: v.zones, distance_m: count(v.distance_m), indiscriminate: v.indiscriminate ? v.indiscriminate === "yes" : undefined, place: v.place,
      subject: v.one ? subjectId() : undefined, users: v.users, quantity: count(v.quantity), lasts_s: minutes(v.minutes), grounds: v.grounds, findings: v.findings, imminent: v.imminent || undefined,
      deescalation: v.deescalation, targeted: v.targeted, objective: v.objective, deescalation_why_not: v.deescalation_why_not, targeted_why_not: v.targeted_why_not }) }],
  };
}

const STATES = ["staged", "ready", "deployed"];

/** @param {string} key "sector~posture" @param {boolean} asking @returns {Spec} */
function postureSpec(key, asking) {
  const [where, what] = split(key);
  const name = asking ? "AskPosture" : "ChangePosture";
  return {
    title: `${what ? wordFor("postures", what) : "Gear or vehicle"}${where ? ` in ${where}` : ""}`, command: name,
    intro: "Staged: nearby and out of sight. Ready: at hand. Deployed: in use, in view. Each step up has its authorizer, its reason and an end.",
    fields: [...(where ? [] : [select("sector", "Sector", sectorOptions(), { required: true })]),
      ...(what ? [] : [words("postures").length ? select("posture", "Which gear or vehicle", words("postures"), { required: true }) : idLine("posture", "Which gear or vehicle", { required: true })]),
      select("state", "To be", words("states").length ? words("states") : same(STATES), { required: true }), facts(asking ? "Why it is needed" : "The facts on which you act"),
      purposeField({ none: "Not said" }), findings()],
    ways: [{ label: asking ? "Ask who may decide" : "Decide it myself", build: (v) => command(name, { ...(asking ? { ask: newId() } : {}), sector: where || v.sector, posture: what || v.posture, state: v.state, facts: v.facts, purpose: v.purpose, findings: v.findings }) }],
  };
}
