/** What each role may do and see, in words. */

/** @type {Record<string, [string, string]>} */
export const ROLES = {
  commander: ["Commander", "You see everything of the incident that a role may see. You may raise, lower and renew levels, decide on requests, give orders, move units, transfer command and record. The plan judges each act: it says what is missing, by which rule, and who may."],
  supervisor: ["Supervisor", "You answer for your units: you report and ask as a field officer does, and see your units' people and reports."],
  processing: ["Processing", "You work where arrests are processed: who is in custody, why, where and with what. Medical detail is not shown."],
  medical: ["Medical", "You treat people: injuries, care, and where the people in custody are. Nothing else of anyone's conduct is shown."],
  field: ["Field officer", "You report what happens (observations, warnings, force) and ask for levels. Reports are always kept. You do not decide on requests."],
  assisting: ["Assisting agency’s commander", "You act for your own units, under the lead agency’s command and rules, and see your agency’s share of the incident."],
  reviewer: ["Reviewer", "You read, replay and export. You send nothing."],
  administrator: ["Administrator", "You invite people, end sessions and read the audit trail. You see no incident."],
  display: ["Display", "A screen on a wall: follows the incident and sends nothing."],
  public: ["Public information", "You prepare what is published, and see what may be. You send nothing."],
};

/** What a grant of a role shows, for whoever gives it. @type {Record<string, string>} */
export const SEES = {
  commander: "the whole incident, without medicine, race or age",
  supervisor: "as the field, and the people and reports of the units named",
  processing: "who is in custody, why, where, with what; no medical detail",
  medical: "injuries, care and whereabouts of the people in custody",
  field: "the ground and the plan; nothing that describes a person",
  assisting: "their own agency's share",
  reviewer: "everything past and present, to read, replay and export",
  administrator: "accounts, sessions, devices and the audit trail; no incident",
  display: "the board live, without a past; nothing that describes a person",
  public: "what may be published",
};

/** Compartments, and which roles may be given each: the server's own table (views/lens.py); it holds it, this only offers. @type {Record<string, readonly string[]>} */
export const MAY_HOLD = {
  commander: ["identity", "complaint", "welfare"], supervisor: ["identity", "welfare"], processing: ["identity", "demographics", "juvenile"],
  medical: ["medical", "juvenile"], assisting: ["identity", "demographics", "juvenile"], reviewer: ["identity", "demographics", "medical", "juvenile", "complaint"],
};

/** @type {Record<string, string>} */
export const COMPARTMENTS = { identity: "names of people", demographics: "race, gender, age", medical: "medical", juvenile: "juveniles", complaint: "complaints", welfare: "officers' need of support" };
