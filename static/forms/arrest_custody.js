/**
 * Who has whom and what, from hand to hand; care, guardians, holds, property, release; sites and their checklists. All of it
 * is kept as it is told: what does not fit is found and named, and nothing here ever holds up a release or care.
 */
import { rows } from "../store.js";
import { personOf } from "../arrests.js";
import { told } from "../plan.js";
import { check, command, count, idLine, line, lines, newId, note, number, personOptions, place, same, sector, select, tri, unitOptions, when, yesNo } from "./options.js";
import { attachment, CARE, holder, holderOf, ids, language, oneOf, person, SITES, siteOptions, sites, STATIONS, title } from "./arrest_words.js";

/** @typedef {import("./options.js").Spec} Spec */

/** What the plan wants looked at before a site of this kind opens; of a kind that is not known, all of it. @param {string} [kind] */
const checklist = (kind) => [...new Set((told.value?.sites ?? []).filter((one) => !kind || !one.kinds?.length || one.kinds.includes(kind)).flatMap((one) => one.items ?? []))];

/** Who is trained as the plan asks for such a site comes first. @param {string} kind */
function staff(kind) {
  const wanted = (told.value?.sites ?? []).filter((one) => !one.kinds?.length || one.kinds.includes(kind)).flatMap((one) => one.training ?? []);
  /** @param {any} person */
  const able = (person) => wanted.every((course) => (person?.training ?? []).some((/** @type {any} */ one) => one[0] === course));
  const trained = personOptions((one) => one.on_scene !== false && able(one));
  return wanted.length ? [...trained, ...personOptions((one) => one.on_scene !== false && !able(one)).map(([id, words]) => /** @type {const} */ ([id, `${words} · not trained for it, as the log has it`]))] : personOptions();
}

const HOW = ["with a citation", "on own word", "on bond", "without charge", "detention only", "to a guardian", "to care", "to court", "bystander", "by order of a court", "died in custody"];

/** @param {string} key @param {Record<string, any>} v */
const bagsOf = (key, v) => personOf(key || v.about)?.bags ?? [];

/** @param {string} key */
const oneSite = (key) => (key ? [] : [siteOptions().length ? select("site", "Site", siteOptions(), { required: true }) : idLine("site", "Site", { required: true })]);

/** @type {Record<string, (key: string) => Spec>} */
export const CUSTODY = {
  handover: (key) => ({
    title: `Hand-over${title(key)}`, command: "HandOver", intro: "From one to the next, by name. From here on the next one is responsible for the person.",
    fields: [...person(key), holder("to", "To", { required: true }), holder("giver", "Who gave them over", { none: "Whoever the log says has them", hint: "Say so if it is different: that is how a lost person is found." }), oneOf("officer", "Officer who answers for the person there"),
      check("bags", "The person’s bags go along"), place, note("note", "Note", { rows: 2 }), when],
    ways: [{ label: "Record", build: (v) => {
      const [kind, to] = holderOf(v.to);
      return command("HandOver", { ...ids(key, v), transfer: newId(), to_holder: to, kind, from_holder: holderOf(v.giver)[1], officer: v.officer || (kind === "officer" ? to : undefined), with_bags: v.bags ? bagsOf(key, v) : [], place: v.place, note: v.note });
    } }],
  }),
  relieve: (key) => ({
    title: "Relief", command: "RelieveHolder", intro: "Every person and bag that the first one holds, and every duty that they owe, goes to the second; for a unit, those of its people as well.",
    fields: [...(key ? [] : [select("giver", "Who is relieved", [...personOptions(), ...unitOptions()], { required: true })]), select("to", "By whom", [...personOptions((p) => p.on_scene !== false), ...unitOptions()], { required: true }), number("heads", "Heads, as counted by both", { hint: "Count them: a difference shows at once." }), when],
    ways: [{ label: "Record", build: (v) => command("RelieveHolder", { relief: newId(), from_holder: key || v.giver, to_holder: v.to, heads: count(v.heads) }) }],
  }),
  answerfor: (key) => ({
    title: `Is the person there?${title(key)}`, command: "AnswerForCustody", intro: "A question to whoever should have them. A yes confirms the hand-over; if two say no, the person is lost and everyone is told.",
    fields: [...person(key), holder("holder", "Who was asked", { required: true }), select("has", "Has them", [["yes", "Yes, seen there"], ["no", "No"]], { required: true }), note("note", "Note", { rows: 2 }), when],
    ways: [{ label: "Record", build: (v) => ({ ...command("AnswerForCustody", { ...ids(key, v), answer: newId(), holder: holderOf(v.holder)[1], note: v.note }), has: v.has === "yes" }) }],
  }),
  received: (key) => ({
    title: `Received${title(key)}`, command: "AnswerForCustody", intro: "You have this person now. Whoever takes a person over signs for it, with their own sign-in. Care and release never wait for it.",
    fields: [...person(key), note("note", "Note", { rows: 2 }), when],
    validate: (v) => (personOf(key || v.about)?.holder ? [] : ["Person: nobody is on record as having them"]),
    ways: [{ label: "Sign for them", build: (v) => ({ ...command("AnswerForCustody", { ...ids(key, v), answer: newId(), holder: personOf(key || v.about)?.holder?.id ?? "", note: v.note }), has: true }) }],
  }),
  station: (key) => {
    const here = personOf(key)?.site;
    /** @param {Record<string, any>} v */
    const at = (v) => v.site || personOf(key || v.about)?.site || personOf(key || v.about)?.holder?.id || "";
    return {
      title: `Station${title(key)}`, command: "EnterStation", intro: "The person has arrived at a station.",
      fields: [...person(key), select("site", "Site", siteOptions(), { none: here ? "Where the person is" : "Choose…" }),
        { name: "station", label: "Station", kind: "select", required: true, choose: (v) => same(sites((one) => one.id === at(v))[0]?.stations?.length ? sites((one) => one.id === at(v))[0].stations ?? [] : STATIONS) }, when],
      validate: (v) => (at(v) ? [] : ["Site: needed where nobody has recorded that the person came to one"]),
      ways: [{ label: "Record", build: (v) => command("EnterStation", { ...ids(key, v), site: at(v), station: v.station }) }],
    };
  },
  heads: (key) => ({
    title: "Head count", command: "CountHeads", intro: "Heads, not papers. A number that differs from the log’s is an alarm.",
    fields: [...(key ? [] : [holder("holder", "With whom", { required: true })]), number("heads", "Heads", { required: true }), select("at", "When", [["boarding", "At boarding"], ["arrival", "On arrival"], ["relief", "At relief"], ["round", "On a round"]], { required: true }), holder("giver", "Come out of", { none: "Not from elsewhere" }), when],
    ways: [{ label: "Record", build: (v) => command("CountHeads", { count: newId(), holder: key || holderOf(v.holder)[1], heads: Number(v.heads), when: v.at, from_holder: holderOf(v.giver)[1] }) }],
  }),
  caregiven: (key) => ({
    title: `Care${title(key)}`, command: "RecordCare", intro: "None of this waits for any record.",
    fields: [...person(key), select("care", "What", same(CARE), { required: true }), select("outcome", "What came of it", same(["asked for", "offered", "given", "declined", "not possible"]), { required: true }), note("note", "Note", { rows: 2 }), when],
    ways: [{ label: "Record", build: (v) => command("RecordCare", { ...ids(key, v), care: v.care, outcome: v.outcome, note: v.note }) }],
  }),
  guardian: (key) => ({
    title: `Guardian${title(key)}`, command: "CallGuardian", intro: "A parent or guardian was called.",
    fields: [...person(key), select("reached", "Reached", [["yes", "Yes"], ["no", "Not reached"]], { required: true }), line("who", "Who, and under which number"), when],
    ways: [{ label: "Record", build: (v) => ({ ...command("CallGuardian", { ...ids(key, v), who: v.who }), reached: v.reached === "yes" }) }],
  }),
  hold: (key) => ({
    title: `Why still held${title(key)}`, command: "ExplainHold", intro: "For this one person. Without a reason it explains nothing, and the clock keeps running.",
    fields: [...person(key), select("eligible", "Could be released", [["yes", "Yes, and has not been yet"], ["no", "No"]], { required: true }), note("reason", "Why this person is still held"), when],
    ways: [{ label: "Record", build: (v) => ({ ...command("ExplainHold", { ...ids(key, v), explanation: newId(), reason: v.reason }), eligible: v.eligible === "yes" }) }],
  }),
  property: (key) => ({
    title: `Property taken${title(key)}`, command: "TakeProperty", intro: "A bag with a number, a receipt to the person, a picture of what is in it.",
    fields: [...person(key), idLine("bag", "Number of the bag", { required: true, hint: "Scan it, or type it." }), line("receipt", "Number of the receipt given"), number("items", "How many things"), note("contents", "What is in it"), note("serials", "Serial numbers", { rows: 2 }), check("evidence", "Held as evidence"), { name: "photo", label: "Photo of the property", kind: "photo" }, when],
    ways: [{ label: "Record", build: (v) => {
      const who = ids(key, v);
      const made = command("TakeProperty", { ...who, bag: v.bag, receipt: v.receipt, items: count(v.items), contents: v.contents, serials: v.serials, evidence: v.evidence || undefined });
      return v.photo && who.arrest ? [made, attachment(who, v.photo, "property photo")] : made;
    } }],
  }),
  bag: (key) => {
    const row = /** @type {any} */ (rows("bags")[key]);
    const known = [...new Set([...Object.keys(rows("bags")), ...Object.values(rows("custody")).flatMap((/** @type {any} */ one) => one.bags ?? [])])];
    return {
      title: `Bag ${key || "moved"}`, command: "MoveBag", intro: "To its next keeper, or back to its owner.",
      fields: [...(key ? [] : [known.length ? select("bag", "Which bag", same(known), { required: true }) : idLine("bag", "Which bag", { required: true })]),
        select("kind", "To", [["owner", "Its owner"], ["site", "A site"], ["officer", "An officer"], ["vehicle", "A vehicle"], ["evidence room", "The evidence room"], ["unclaimed", "Unclaimed"], ["other", "Elsewhere"]], { required: true }), holder("to", "Whom, or where", { none: "Its owner, or the place itself" }), holder("giver", "Who gave it", { none: "Whoever has it by the log" }), check("signed", "The one who took it has signed"), note("note", "Note", { rows: 2 }), when],
      ways: [{ label: "Record", build: (v) => {
        const bag = key || v.bag;
        const subject = row?.subject || Object.values(rows("custody")).find((/** @type {any} */ one) => one.bags?.includes(bag))?.id || rows("bags")[bag]?.subject || "not-known";
        return command("MoveBag", { bag, subject, to_holder: holderOf(v.to)[1] || (v.kind === "owner" ? subject : String(v.kind).replaceAll(" ", "-")), kind: v.kind, from_holder: holderOf(v.giver)[1], signed: v.signed || undefined, note: v.note });
      } }],
    };
  },
  free: (key) => ({
    title: `Release${title(key)}`, command: "ReleasePerson", intro: "The person is free, or has died: nobody holds them any more. It is recorded at once, whatever is missing.",
    fields: [...person(key), select("how", "How", same(HOW), { required: true }), yesNo("option_offered", "Told of the choices that the law gives"), yesNo("papers", "Papers given"), language("language", "In which language"), yesNo("property_returned", "Property given back"), line("to", "To whom, if to someone"), note("note", "Note", { rows: 2 }), when],
    ways: [{ label: "Record the release", build: (v) => command("ReleasePerson", { ...ids(key, v), release: newId(), how: v.how, option_offered: tri(v.option_offered), papers: tri(v.papers), language: v.language, property_returned: tri(v.property_returned), to: v.to, note: v.note }) }],
  }),
  site: () => ({
    title: "Open a site", command: "OpenSite", intro: "A place or vehicle for people in custody. Tick what you have seen there: the plan lets it open once nothing is missing, and says what is.",
    fields: [line("name", "Name", { required: true }), idLine("site", "Its id, where it has one"), select("kind", "Kind", same(SITES), { required: true }), number("capacity", "Room for how many", { required: true }), sector(false),
      select("whom", "For whom", [["adults", "Adults alone"], ["both", "Adults and minors together"], ["apart", "Both, minors apart by sight and sound"], ["minors", "Minors alone"]], { none: "Adults alone" }), { name: "present", label: "Seen there", kind: "checks", choose: (v) => same(checklist(v.kind)) },
      { name: "stations", label: "Stations", kind: "checks", options: same(STATIONS) }, { name: "trained", label: "Trained staff", kind: "checks", choose: (v) => staff(v.kind ?? "") }, select("unit", "Unit, for a vehicle", unitOptions(), { none: "None" }), place, when],
    ways: [{ label: "Open", build: (v) => {
      const site = v.site || newId();
      const there = (v.present ?? []).filter((/** @type {string} */ one) => checklist(v.kind).includes(one));
      const looked = { ...command("CheckFacility", { site, check: newId(), kind: v.kind, missing: checklist(v.kind).filter((one) => !there.includes(one)) }), present: there };
      return [looked, { ...command("OpenSite", { site, name: v.name, kind: v.kind, capacity: Number(v.capacity), sector: v.sector, place: v.place, unit: v.unit, stations: v.stations, trained_staff: v.trained }), adults: v.whom !== "minors", minors: ["both", "apart", "minors"].includes(v.whom), minors_apart: v.whom === "apart" }];
    } }],
  }),
  sitecheck: (key) => {
    const missing = /** @type {readonly string[]} */ (rows("sites")[key]?.missing ?? []);
    const known = [...new Set([...checklist(rows("sites")[key]?.kind), ...missing])];
    return {
      title: key ? `Checklist: ${rows("sites")[key]?.name ?? key}` : "Checklist of a site", command: "CheckFacility", intro: "Tick what is there. What you leave unticked is missing: a finding, and a duty to bring it or to move the people.",
      fields: [...oneSite(key), { name: "present", label: "There", kind: "checks", options: same(known) }, note("more", "Lacks besides", { hint: "One a line.", rows: 2 }), note("note", "Note", { rows: 2 }), when],
      ways: [{ label: "Record", build: (v) => ({ ...command("CheckFacility", { site: key || v.site, check: newId(), missing: [...known.filter((one) => !(v.present ?? []).includes(one)), ...lines(v.more)], note: v.note }), present: v.present ?? [] }) }],
    };
  },
  siteclose: (key) => ({
    title: key ? `Close ${rows("sites")[key]?.name ?? key}` : "Close a site", command: "CloseSite", intro: "It takes no more people. Anyone still there raises an alarm.", fields: [...oneSite(key), when],
    ways: [{ label: "Close the site", build: (v) => command("CloseSite", { site: key || v.site }) }],
  }),
};

