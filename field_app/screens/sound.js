/** A short note by voice, where the browser can record: kept as it was spoken, sealed on the tablet like a picture. */
import { html, useEffect, useRef, useState } from "../../static/lib.js";
import { sizeText } from "../../static/forms/photo.js";
import { dropStaged, original } from "../files.js";
import { here } from "../state.js";
import { NoRoom } from "../tablet.js";

const MOST_S = 120;
const KINDS = ["audio/mp4", "audio/webm", "audio/ogg"];

export const canRecord = () => typeof MediaRecorder === "function" && Boolean(navigator.mediaDevices?.getUserMedia) && KINDS.some((kind) => MediaRecorder.isTypeSupported(kind));

/** @param {{value: any, change: (value: any) => void, say?: string}} props `say`: what its button says */
export function Sound({ value, change, say = "Say it instead…" }) {
  const [words, setWords] = useState("");
  const [since_s, setSince] = useState(-1);
  const recorder = useRef(/** @type {MediaRecorder | null} */ (null));
  useEffect(() => () => recorder.current?.stop(), []);
  useEffect(() => {
    if (since_s < 0) return undefined;
    const timer = setTimeout(() => (since_s + 1 >= MOST_S ? recorder.current?.stop() : setSince(since_s + 1)), 1000);
    return () => clearTimeout(timer);
  }, [since_s]);
  if (!canRecord()) return null;

  async function begin() {
    setWords("");
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const one = new MediaRecorder(stream, { mimeType: KINDS.find((kind) => MediaRecorder.isTypeSupported(kind)), audioBitsPerSecond: 32_000 });
      /** @type {Blob[]} */
      const parts = [];
      one.ondataavailable = (event) => { if (event.data.size) parts.push(event.data); };
      one.onstop = () => {
        for (const track of stream.getTracks()) track.stop();
        recorder.current = null;
        setSince(-1);
        void keep(new Blob(parts, { type: one.mimeType.split(";")[0] }));
      };
      recorder.current = one;
      one.start(1000);
      setSince(0);
    } catch {
      setWords("No microphone here, or it is forbidden.");
    }
  }
  /** @param {Blob} sound */
  async function keep(sound) {
    if (!here().keys.held) return; // locked meanwhile: nothing that nobody can claim is kept
    try {
      change(await here().stage(sound));
    } catch (error) {
      setWords(error instanceof NoRoom ? "No room for sound on this tablet. Records still fit: write it." : "This note could not be kept.");
    }
  }
  async function remove() {
    await dropStaged(here().db, value.attachment);
    change(undefined);
  }
  return html`<div class="sound" role="group" aria-label="Note by voice"><div class="field-row">
    ${since_s >= 0 ? html`<button type="button" class="button big strong" onClick=${() => recorder.current?.stop()}>Stop (${since_s} s)</button>`
      : value ? html`<${Player} value=${value} /><button type="button" class="button big" onClick=${remove}>Remove the voice note</button>`
        : html`<button type="button" class="button big" onClick=${begin}>${say}</button>`}</div>
    ${value ? html`<p class="small">Voice note kept, sealed: ${sizeText(value.size_bytes)}.</p>` : null}${words ? html`<p class="small" role="status">${words}</p>` : null}</div>`;
}

/** @param {{value: any}} props */
function Player({ value }) {
  const [url, setUrl] = useState("");
  useEffect(() => () => { if (url) URL.revokeObjectURL(url); }, [url]);
  async function play() {
    const blob = await original(here().db, value.attachment, value.key);
    if (blob) setUrl(URL.createObjectURL(blob));
  }
  return url ? html`<audio controls autoplay src=${url}></audio>` : html`<button type="button" class="button big" onClick=${play}>Listen</button>`;
}
