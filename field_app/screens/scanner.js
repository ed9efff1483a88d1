/** The camera as a reader of codes. Where there is none, or it is forbidden, a photo or typing does as well. */
import { html, useEffect, useRef, useState } from "../../static/lib.js";
import { openReader } from "../codes.js";

const LOOK_MS = 250;
const WIDE = 960; // enough for a code that fills a third of the picture

/** @param {{say: string, found: (text: string) => void, close: () => void}} props */
export function Scanner({ say, found, close }) {
  const video = useRef(/** @type {HTMLVideoElement | null} */ (null));
  const [words, setWords] = useState("Starting the camera…");
  useEffect(() => {
    let over = false;
    /** @type {MediaStream | undefined} */
    let stream;
    async function look() {
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
        if (over || !video.current) return stop();
        video.current.srcObject = stream;
        await video.current.play();
        setWords(say);
        const reader = await openReader();
        while (!over && video.current) {
          const [text] = await reader(frame(video.current));
          if (text && !over) return found(text);
          await new Promise((next) => { setTimeout(next, LOOK_MS); });
        }
      } catch {
        if (!over) setWords(stream ? "Codes cannot be read here just now. Cancel, and type what it says." : "No camera here. Take a photo of the code, or type what it says.");
      }
      return undefined;
    }
    function stop() {
      for (const track of stream?.getTracks() ?? []) track.stop();
    }
    void look();
    return () => { over = true; stop(); };
  }, []);
  /** @param {any} event */
  async function photo(event) {
    const file = event.currentTarget.files?.[0];
    if (!file) return;
    setWords("Reading…");
    try {
      const [text] = await (await openReader())(file);
      if (text) return found(text);
      setWords("No code in this photo. Nearer, straight, in light.");
    } catch {
      setWords("This photo could not be read.");
    }
    return undefined;
  }
  return html`<div class="scanner"><video ref=${video} muted playsinline aria-hidden="true"></video><p role="status">${words}</p>
    <div class="field-acts"><label class="button big"><span>Photo of the code…</span><input class="sr" type="file" accept="image/*" capture="environment" onChange=${photo} /></label>
    <button type="button" class="button big" onClick=${close}>Cancel</button></div></div>`;
}

/** @param {HTMLVideoElement} video */
function frame(video) {
  const scale = Math.min(1, WIDE / video.videoWidth);
  const [wide, high] = [Math.round(video.videoWidth * scale) || 1, Math.round(video.videoHeight * scale) || 1];
  const canvas = new OffscreenCanvas(wide, high);
  const drawing = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  drawing.drawImage(video, 0, 0, wide, high);
  return drawing.getImageData(0, 0, wide, high);
}
