/** The ways in, as the server offers them: see docs/design/009-sign-in.md. Nothing here keeps a secret. */
import { Problem, Unreachable, call } from "../api.js";
import { bytesOf, textOf } from "../vault.js";

/** @typedef {import("../types.d.ts").SessionLook} Look */
/** @typedef {import("../types.d.ts").SignedInAs} SignedInAs */

/** @returns {Promise<Look>} */
export const look = () => call("GET", "/api/session");

/** The banner was acknowledged; returns the flow that stands for it. @param {Look} found @returns {Promise<string>} */
export async function acknowledge(found) {
  return (await call("POST", "/api/session/banner", { banner: found.banner.id })).flow;
}

/** Whether this browser can use passkeys here at all. @param {Look} found */
export const canPasskey = (found) => found.passkeys && typeof PublicKeyCredential === "function";

/** Whether the browser can offer passkeys in the name's field. */
export async function canOffer() {
  try {
    return !!(await /** @type {any} */ (PublicKeyCredential).isConditionalMediationAvailable?.());
  } catch {
    return false;
  }
}

/** The server's options with bytes where browsers want bytes. @param {any} options @returns {any} */
function asked(options) {
  const list = (/** @type {any[] | undefined} */ all) => all?.map((one) => ({ ...one, id: bytesOf(one.id) }));
  return {
    ...options,
    challenge: bytesOf(options.challenge),
    ...(options.user ? { user: { ...options.user, id: bytesOf(options.user.id) } } : {}),
    ...(options.allowCredentials ? { allowCredentials: list(options.allowCredentials) } : {}),
    ...(options.excludeCredentials ? { excludeCredentials: list(options.excludeCredentials) } : {}),
  };
}

/** What the authenticator gave, with texts where JSON wants texts. @param {any} credential @returns {any} */
function given(credential) {
  /** @type {Record<string, any>} */
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = textOf(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return { id: credential.id, rawId: textOf(credential.rawId), type: credential.type, authenticatorAttachment: credential.authenticatorAttachment ?? undefined, clientExtensionResults: {}, response };
}

/**
 * Sign in, or prove it again, with a passkey. `offer`: wait quietly until one is picked in the name's field.
 * @param {string} flow @param {{keep?: boolean, offer?: boolean, abort?: AbortSignal}} [how]
 * @returns {Promise<SignedInAs>}
 */
export async function withPasskey(flow, { keep = false, offer = false, abort } = {}) {
  const { ceremony, options } = await call("POST", "/api/session/passkey/options", { flow });
  /** @type {any} */
  const ask = { publicKey: asked(options), signal: abort };
  if (offer) ask.mediation = "conditional";
  const credential = await navigator.credentials.get(ask);
  return call("POST", "/api/session/passkey", { flow, ceremony, credential: given(credential), keep });
}

/** @param {string} flow @param {{person: string, password: string, code: string, keep?: boolean}} typed @returns {Promise<SignedInAs>} */
export function withPassword(flow, { person, password, code, keep = false }) {
  return call("POST", "/api/session/password", { flow, person: person.trim(), password, code: code.trim(), keep });
}

/** Make a passkey for whoever is signed in, on this device. @param {string} label @returns {Promise<SignedInAs>} */
export async function makePasskey(label) {
  const { ceremony, options } = await call("POST", "/api/credentials/passkey/options", {});
  const credential = await navigator.credentials.create({ publicKey: asked(options) });
  return call("POST", "/api/credentials/passkey", { ceremony, label, credential: given(credential) });
}

/**
 * What went wrong, for a person. At a sign-in it never says which part was wrong.
 * @param {unknown} error @param {"sign-in" | "make"} [doing]
 */
export function sentence(error, doing = "sign-in") {
  if (error instanceof Unreachable) return "The server did not answer. Try again.";
  if (error instanceof Problem) {
    if (error.where === "flow") return "That took longer than ten minutes. Acknowledge the notice again.";
    if (error.code === "tries-used-up") return "Five wrong tries: your password is locked at this location until an administrator unlocks it. A passkey still works, and so does another location.";
    if (error.status === 429) return "Too many tries in a short time. Wait a minute.";
    if (error.status >= 500) return `The server could not do it now. Try again in a moment.${error.id ? ` (${error.id})` : ""}`;
    if (doing === "sign-in" && error.status === 403) return "That did not work. For safety it does not say which part was wrong. Five wrong tries lock your password at this location; a passkey always works.";
    return error.message;
  }
  const name = /** @type {any} */ (error)?.name;
  if (name === "InvalidStateError") return "This device already holds a passkey of yours.";
  if (name === "NotAllowedError") return doing === "make" ? "No passkey was made: it was cancelled, or it took too long." : "No passkey was used: it was cancelled, it took too long, or this device holds none for this address.";
  return `This browser could not do it${name ? ` (${name})` : ""}.`;
}
