/** What the tablet has to say unasked, above every screen: of its room, its outbox, the server's word, and what was taken away. */
import { html, signal } from "../../static/lib.js";
import { plural } from "../../static/parts.js";
import { tablet } from "../state.js";
import { unkept } from "../update.js";

/** By what the outbox tells (outbox.js); what is not here stands with its record. @type {Record<string, [tone: "ok" | "warn" | "bad", words: string]>} */
const WORDS = {
  unbound: ["bad", "The server's answer to a record does not hold what was signed here. It stays here and is tried again. Tell an administrator."],
  full: ["warn", "The server holds too much of this tablet back and takes no more until somebody decides. It stays here."],
  author: ["warn", "The server's answer to a record can be checked only with what its author signed: it stays here until they are signed in."],
  "let in": ["ok", "A record that was held back was let in: it is recorded."],
  claimed: ["ok", "A record that was captured while this tablet was locked was claimed: it is recorded in the name of who wrote it."],
  declined: ["warn", "A record that was held back was turned down. It stays whole at the server; its author reads why under Sent."],
  "cut off": ["bad", "The server has cut this tablet off. It goes on handing in what it has."],
  rewound: ["warn", "The server came back from a backup. What it may have lost goes to it again by itself."],
  disk: ["bad", "This tablet could not write down what the server answered. Nothing is lost: it is asked again. Look how much room is left under More."],
  fault: ["bad", "Sending failed in a way that this tablet does not know. It is tried again; tell whoever runs it."],
  "room low": ["warn", "Room is running out on this tablet. Hand in when there is a network."],
  "room full": ["bad", "No room for pictures and sound on this tablet. Records go on."],
  "head strange": ["warn", "The server signed for another log than the one that was asked about. Records stay here in their boxes. Tell an administrator."],
  "head unsigned": ["bad", "The server's log is signed by a key that this tablet does not know. Records stay here in their boxes. Tell an administrator."],
  "head forked": ["bad", "The server signed two different logs. Both signatures are kept here as evidence. Tell an administrator, and do not clear this tablet."],
  "head unchecked": ["warn", "This browser cannot check the server's signatures. Records stay here in their boxes; a newer browser lets them go."],
};

/** Whether it was read that something was taken away. */
const taken = signal(false);

/** Only the newest word on the room holds. @param {readonly string[]} told */
function holding(told) {
  const room = told.findLast((one) => one.startsWith("room "));
  return told.filter((one) => WORDS[one] && (!one.startsWith("room ") || one === room));
}

export function Said() {
  const { outbox, following, taken: lost } = tablet.value ?? {};
  if (!outbox || !following) return null;
  const [stays, refused] = [following.barred.value, following.refused.value];
  return html`<div role="status">
    ${lost === "some" && !taken.value ? html`<${Word} tone="bad" words="The browser has cleared a part of what this tablet kept. Tell an administrator: the server knows which of its numbers never came." read=${() => { taken.value = true; }} />` : null}
    ${stays ? html`<${Word} tone="warn" words=${`This tablet was revoked: ${plural(stays, "file")} ${stays === 1 ? "stays" : "stay"} here until somebody lets ${stays === 1 ? "its record" : "their records"} in.`} />` : null}
    ${refused ? html`<${Word} tone="bad" words=${`${plural(refused, "picture or sound", "pictures or sounds")} of what was recorded here ${refused === 1 ? "was" : "were"} not taken by the server, and ${refused === 1 ? "lies" : "lie"} only on this tablet. Its author reads why under Sent.`} />` : null}
    ${holding(outbox.told.value).map((what) => html`<${Word} key=${what} tone=${WORDS[what][0]} words=${WORDS[what][1]} read=${() => outbox.read(what)} />`)}</div>`;
}

/** @type {Record<string, string>} */
const UNKEPT = {
  yet: "With no network Muster does not start on this tablet yet. Leave it open within reach of the server: it tries again by itself.",
  never: "With no network Muster does not start in this browser: it keeps no app. Use no private window, open Muster by https, or take another browser.",
};

/** That the app would not start again where there is no network: whoever goes there is to know. */
export function Unkept() {
  const why = unkept.value;
  return html`<div role="status">${why ? html`<${Word} tone="warn" words=${UNKEPT[why]} />` : null}</div>`;
}

/** @param {{tone: "ok" | "warn" | "bad", words: string, read?: () => void}} props */
function Word({ tone, words, read }) {
  return html`<p class=${`line line-${tone}`}><span>${words}</span>${read ? html` <button type="button" class="button small" onClick=${read}>I have read it</button>` : null}</p>`;
}
