/**
 * The log as this screen holds it: entries in seq order, an index for search, and which entries were struck through.
 * Seqs may be missing (a lens hides some events); the socket checks that none was lost.
 */
import { signal } from "./lib.js";

/** @typedef {import("./types.d.ts").Entry} Entry */

/** The filter's groups: what a person looks for, not what the log calls it. */
export const GROUPS = [
  { id: "levels", name: "Levels and asks", types: ["LevelAsked", "LevelRaised", "LevelLowered", "LevelRenewed", "AskDenied", "AskWithdrawn", "AskRefused"] },
  { id: "force", name: "Force and findings", types: ["ExcessiveForceReported", "ForceReported", "FindingReopened", "ForceAsked", "ForceGranted", "GrantCosigned", "GrantRevoked", "RelayConfirmed", "PostureAsked", "PostureChanged", "PostureRenewed", "MunitionsIssued", "MunitionsReturned", "MunitionsCounted", "InterventionReported", "PursuitReported", "ReviewFiled", "AidOffered", "AidGiven", "InjuryNoted", "NoInjurySeen", "MedicalHelpRequested", "MedicalHelpArrived", "MedicalHelpRefused", "SupervisorCalled", "SupervisorOnScene", "ForceReportCompleted", "CriticalEventDeclared", "WelfareChecked"] },
  { id: "crowd", name: "Warnings, liaison, observations", types: ["WarningGiven", "AudibilityReported", "LiaisonContacted", "ObservationRecorded", "ExitsObserved", "CrowdMoved", "AttemptRecorded", "DistressFlagged", "DistressAnswered"] },
  { id: "arrests", name: "Arrests and custody", types: ["ArrestBarAcknowledged", "ArrestBarAnnounced", "ArrestBarSet", "ArrestReadBack", "ArrestRecorded", "ArrestSigned", "ArrestStepCleared", "BagMoved", "CareRecorded", "CustodyAnswered", "CustodyTransferred", "DispositionDecided", "FacilityChecked", "GroundsReviewed", "GuardianCalled", "HeadCounted", "HighVolumeDeclared", "HighVolumeEnded", "HoldExplained", "HolderRelieved", "IndividualWarningRecorded", "NarrativesAlike", "OffenceRecorded", "PersonDescribed", "PersonReleased", "PropertyTaken", "ProtectedRoleFlagged", "RestraintRecorded", "RightsGiven", "SiteClosed", "SiteOpened", "StationEntered", "WristbandsIssued"] },
  { id: "orders", name: "Orders and decisions", types: ["OrderGiven", "OrderAcknowledged", "DecisionRecorded", "EntryRecorded"] },
  { id: "people", name: "Units, people, command", types: ["OpenItemsWaived", "AgencyJoined", "PersonCheckedIn", "PersonCheckedOut", "UnitFormed", "UnitAssigned", "UnitReleased", "PositionAssigned", "PositionVacated", "CommandTransferred", "PresenceReported", "AuthorityDelegated", "DelegationEnded"] },
  { id: "duties", name: "Duties and plan", types: ["DutyStarted", "DutyDischarged", "PlanPartSupplied", "PlanSuspended", "PlanResumed", "PlanChanged"] },
  { id: "incident", name: "Incident and log", types: ["AttachmentAdded", "IncidentOpened", "IncidentClosed", "SectorDefined", "Redacted", "LogRestored"] },
];

const GROUP_OF = new Map(GROUPS.flatMap((group) => group.types.map((type) => [type, group.id])));

/** @param {string} type */
export function groupOf(type) {
  return GROUP_OF.get(type) ?? "incident";
}

/**
 * What an event made owed directly after itself belongs to its row: an import of a hundred reports would otherwise bury
 * them under what each of them starts. Where duties are what is looked for, each stays a row of its own.
 * @param {Entry[]} list newest first @returns {Entry[]}
 */
function withOwed(list) {
  /** @type {Entry[]} */
  const out = [];
  for (let i = 0; i < list.length; i += 1) {
    let n = i;
    while (n < list.length && list[n].type === "DutyStarted" && (n === i || list[n].seq === list[n - 1].seq - 1)) n += 1;
    const after = list[n];
    const run = n - i;
    if (run >= FOLD && after && after.seq === list[n - 1].seq - 1) {
      out.push(/** @type {Entry} */ ({ ...after, owed: run }));
      i = n;
    } else {
      for (let k = i; k < Math.max(n, i + 1); k += 1) out.push(list[k]);
      i = Math.max(n, i + 1) - 1;
    }
  }
  return out;
}

/** Findings that somebody has to look at. @param {string | undefined} kind */
export function needsLook(kind) {
  return kind === "no authorization on record" || kind === "contrary to plan" || kind === "cannot tell" || kind === "exigent";
}

const FOLD = 2; // one that is owed is news, several are a consequence

export function createFeed() {
  /** @type {Entry[]} */
  let entries = [];
  /** @type {WeakMap<Entry, string>} */
  let hay = new WeakMap();
  const version = signal(0);
  /** Ids of records that a later entry strikes through. @type {Set<string>} */
  let struck = new Set();
  let changed = false;

  /** @param {Entry} entry */
  function note(entry) {
    if (entry.strikes) struck.add(entry.strikes);
  }

  /** @param {Entry} entry */
  function haystack(entry) {
    let text = hay.get(entry);
    if (text === undefined) {
      const who = entry.who;
      text = [`#${entry.seq}`, entry.line, entry.text, entry.type, entry.sector, who.name, who.agency, who.position, entry.finding?.kind,
        entry.record, ...Object.values(entry.fields ?? {})].join("\n").toLowerCase();
      hay.set(entry, text);
    }
    return text;
  }

  return {
    version,
    all: () => entries,
    first: () => entries[0]?.seq ?? 0,
    /** @param {Entry} entry */
    isStruck: (entry) => !!entry.struck || (!!entry.record && !entry.strikes && struck.has(entry.record)),
    /** @param {readonly Entry[]} next oldest first */
    replace(next) {
      entries = [...next];
      hay = new WeakMap();
      struck = new Set();
      entries.forEach(note);
      changed = true;
    },
    /** @param {readonly Entry[]} next */
    append(next) {
      let last = entries.length ? entries[entries.length - 1].seq : 0;
      for (const entry of next) {
        if (entry.seq <= last) continue;
        entries.push(entry);
        note(entry);
        last = entry.seq;
        changed = true;
      }
    },
    /** Older entries, oldest first. @param {readonly Entry[]} older */
    prepend(older) {
      const first = entries.length ? entries[0].seq : Infinity;
      const fresh = older.filter((entry) => entry.seq < first);
      fresh.forEach(note);
      entries = [...fresh, ...entries];
      changed = true;
      this.publish();
    },
    /** What the reader wrote themselves, whole: in the place of what the lens shows of it. @param {readonly Entry[]} own */
    merge(own) {
      const whole = new Map(own.map((entry) => [entry.seq, entry]));
      const rest = entries.filter((entry) => !whole.has(entry.seq));
      entries = [...rest, ...own].sort((a, b) => a.seq - b.seq);
      own.forEach(note);
      changed = true;
      this.publish();
    },
    /** @param {number} seq */
    find(seq) {
      let low = 0;
      let high = entries.length - 1;
      while (low <= high) {
        const mid = (low + high) >> 1;
        if (entries[mid].seq === seq) return entries[mid];
        if (entries[mid].seq < seq) low = mid + 1;
        else high = mid - 1;
      }
      return undefined;
    },
    /**
     * The entries that match, newest first.
     * @param {{text: string, group: string, sector: string, look: boolean}} filter
     */
    select(filter) {
      const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
      const plain = !words.length && !filter.group && !filter.sector && !filter.look;
      const out = [];
      for (let i = entries.length - 1; i >= 0; i -= 1) {
        const entry = entries[i];
        if (!plain) {
          if (filter.group && groupOf(entry.type) !== filter.group) continue;
          if (filter.sector && entry.sector !== filter.sector) continue;
          if (filter.look && !needsLook(entry.finding?.kind) && entry.type !== "AskRefused") continue;
          if (words.length) {
            const text = haystack(entry);
            if (!words.every((word) => text.includes(word))) continue;
          }
        }
        out.push(entry);
      }
      return words.length || filter.group === "duties" || filter.look ? out : withOwed(out);
    },
    publish() {
      if (!changed) return;
      changed = false;
      version.value += 1;
    },
  };
}
