/** Another plan during the incident. Its packs are on the shelf already; nothing is chosen beforehand, and all of them are named. */
import { command, line, note } from "./options.js";

/** @typedef {import("./options.js").Spec} Spec */

/** @type {Record<string, (key: string) => Spec>} */
export const PLAN = {
  changeplan: () => ({
    title: "Change the plan", command: "ChangePlan",
    intro: "From now on every request is judged by the new plan, and a report by the plan that was in force when it happened. Laws stay. A grant that the new plan bars ends; a level that it does not have permits nothing until you choose one that it has.",
    fields: [note("packs", "All packs of the new plan", { required: true, hint: "One a line, the most general first, by name: id@sha256:…, as the shelf answered when they were put there. Those in force now stand under The plan." }),
      line("clause", "Under which clause", { required: true }), note("reason", "Why", { required: true })],
    ways: [{ label: "Change the plan", build: (v) => command("ChangePlan", { packs: String(v.packs ?? "").trim().split(/\s+/), clause: v.clause, reason: v.reason }) }],
  }),
};
