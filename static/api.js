/** HTTP to our own server. Every failure is one of two: a Problem (the server answered) or Unreachable (it did not). */
import { hearWall } from "./time.js";

/** The server answered, and not with what was asked for (RFC 9457). */
export class Problem extends Error {
  /** @param {number} status @param {{code?: string, title?: string, detail?: string, where?: string, id?: string}} body */
  constructor(status, body) {
    super(body.detail || body.title || `the server answered ${status}`);
    this.status = status;
    this.code = body.code ?? "";
    this.where = body.where ?? "";
    this.id = body.id ?? "";
  }
}

/** Told to the page when the server knows of no live session: it is locked, was ended, or never was. */
export const SESSION_GONE = "muster-session-gone";

/** No answer: nobody knows whether it arrived. Repeating with the same id is safe. */
export class Unreachable extends Error {}

/**
 * @param {string} method @param {string} path @param {unknown} [body] @param {AbortSignal} [abort]
 * @returns {Promise<any>}
 */
export async function call(method, path, body, abort) {
  /** @type {RequestInit} */
  const options = { method, credentials: "same-origin", cache: "no-store", headers: { Accept: "application/json" } };
  if (body !== undefined) {
    options.body = typeof body === "string" ? body : JSON.stringify(body);
    options.headers = { Accept: "application/json", "Content-Type": "application/json" };
  }
  if (abort) options.signal = abort;
  let answer;
  let text;
  try {
    answer = await fetch(path, options);
    text = await answer.text();
  } catch (error) {
    if (abort?.aborted) throw error;
    throw new Unreachable("no answer from the server");
  }
  hearWall(answer.headers.get("Date"));
  /** @type {any} */
  let data = null;
  try {
    data = text ? JSON.parse(text) : null;
  } catch {
    if (answer.ok) throw new Problem(answer.status, { detail: "the answer could not be read" });
  }
  if (answer.status === 401) window.dispatchEvent(new Event(SESSION_GONE));
  if (!answer.ok) throw new Problem(answer.status, data ?? {});
  return data;
}

/** @param {string} incident @param {string} rest */
export function incidentPath(incident, rest) {
  return `/api/incidents/${encodeURIComponent(incident)}/${rest}`;
}
