/**
 * Sound is kept for three things: life, custody, and authority that has lapsed. All else is silent, so that a sound is
 * still heard in the tenth hour. It can be muted.
 */
import { effect, html, signal } from "./lib.js";
import { live } from "./store.js";
import { tick } from "./time.js";

// Duties whose lateness may cost a life, or leave a person in custody without what they are owed: by the words of the rule's id.
const LIFE = /(^|[._:/-])(life|medical|aid|medic|welfare|rescue|custody|detain|detention|release|restraint)([._:/-]|$)/i;

export const muted = signal(readMuted());

function readMuted() {
  try {
    return localStorage.getItem("muster.muted") === "1";
  } catch {
    return false;
  }
}

/** @type {AudioContext | null} */
let audio = null;
// Browsers let a page sound only after the person has touched it.
window.addEventListener("pointerdown", wake, { once: true });
window.addEventListener("keydown", wake, { once: true });
function wake() {
  audio ??= new AudioContext();
  void audio.resume();
}

/** Two short tones. @param {number} pitch_hz */
function tone(pitch_hz) {
  if (muted.peek() || !audio || audio.state !== "running") return;
  for (const [start, pitch] of [[0, pitch_hz], [0.22, pitch_hz * 0.75]]) {
    const source = audio.createOscillator();
    const gain = audio.createGain();
    source.frequency.value = pitch;
    const at = audio.currentTime + start;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(0.2, at + 0.02);
    gain.gain.linearRampToValueAtTime(0, at + 0.18);
    source.connect(gain).connect(audio.destination);
    source.start(at);
    source.stop(at + 0.2);
  }
}

/** What may sound now, as ids: pure, so that a test can hold it to the three. @param {Record<string, Record<string, any>>} board @param {number} now_ms */
export function alarms(board, now_ms) {
  const lapsed = Object.values(board.sectors ?? {}).filter((one) => one.until && Date.parse(one.until) <= now_ms).map((one) => `lapsed:${one.id}:${one.seq}`);
  const late = Object.values(board.duties ?? {}).filter((one) => !one.done_at && one.due && Date.parse(one.due) <= now_ms && LIFE.test(one.rule)).map((one) => `duty:${one.id}`);
  return [...lapsed, ...late];
}

/** Watch the live picture (never the replay) and sound once for each new alarm. */
export function listen() {
  /** @type {Set<string> | null} */
  let known = null;
  effect(() => {
    void tick.value;
    if (!live.ready.value) return;
    const now = new Set(alarms({ sectors: live.sections.sectors.value, duties: live.sections.duties.value }, live.clock.now()));
    // What had already sounded elsewhere before this screen was opened is shown, not sounded.
    if (known) {
      const fresh = [...now].filter((one) => !known?.has(one));
      if (fresh.length) tone(fresh.some((one) => one.startsWith("lapsed")) ? 880 : 660);
    }
    known = now;
  });
}

export function SoundSwitch() {
  return html`<label class="choice small menu-set"><input type="checkbox" checked=${!muted.value} onChange=${(/** @type {any} */ e) => {
    muted.value = !e.currentTarget.checked;
    localStorage.setItem("muster.muted", muted.value ? "1" : "0");
  }} /><span>Sound for life, custody and lapsed authority</span></label>`;
}
