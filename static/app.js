/** The dashboard's start: who am I, which incident, then the one screen. */
import { html, render, useEffect, useState } from "./lib.js";
import { mayAnywhere, world } from "./store.js";
import { Problem, call } from "./api.js";
import { connect } from "./socket.js";
import { param, setParams } from "./url.js";
import { Banners, Header } from "./header.js";
import { Sectors } from "./panels/sectors.js";
import { Forces } from "./panels/units.js";
import { Asks } from "./panels/asks.js";
import { Grants } from "./panels/grants.js";
import { Aftercare } from "./panels/aftercare.js";
import { Oversight } from "./panels/oversight.js";
import { Findings } from "./panels/findings.js";
import { Duties } from "./panels/duties.js";
import { Lost } from "./panels/lost.js";
import { Releases } from "./panels/releases.js";
import { Quarantined } from "./panels/quarantine.js";
import { Deconfliction } from "./panels/deconflict.js";
import { SentStrip } from "./panels/sent.js";
import { MapPanel, loadGround } from "./map/map.js";
import { Feed } from "./feed.js";
import { Drawer } from "./drawer.js";
import { ReplayBar, startReplay } from "./replay.js";
import { Announcer, startAnnouncing } from "./announce.js";
import { startKeys } from "./keys.js";
import { listen } from "./audio.js";
import { resume } from "./outbox.js";
import { watchSession } from "./session.js";
import { openVault } from "./vault.js";
import { honourLock, toSignIn } from "./sign_in/go.js";
import { look as lookAtSession } from "./sign_in/ways.js";
import { Incidents } from "./incidents.js";
import { ProcessingPage } from "./panels/processing.js";
import { RecordPage } from "./panels/record.js";

function Screen() {
  if (!world.value.ready.value) return html`<main class="page" id="main"><${Banners} /><p class="empty" role="status">Fetching the picture…</p></main>`;
  return html`<div class="screen">${param("view") ? html`<a class="skip" href="#main">To the records</a>` : html`<a class="skip" href="#feed-search">To the log</a>`}
    <${Header} /><${Banners} /><${ReplayBar} />
    <${Main} />
    <${Drawer} /><${SentStrip} /><${Announcer} /></div>`;
}

/** The board, or another screen of the same incident. */
function Main() {
  const view = param("view");
  if (view === "processing") return html`<${ProcessingPage} />`;
  if (view === "record" && param("of")) return html`<${RecordPage} key=${param("of")} id=${param("of")} />`;
  return html`<main class="board" id="main">
      <div class="col col-left"><${Sectors} /><${Forces} /></div>
      <div class="col col-mid"><${MapPanel} /><${Feed} /></div>
      <div class="col col-right scroll" tabindex="0" role="group" aria-label="What waits, what needs a look, what is owed"><${Lost} /><${Quarantined} /><${Asks} /><${Releases} mine /><${Grants} /><${Aftercare} /><${Oversight} /><${Findings} /><${Duties} /><${Deconfliction} /></div>
    </main>`;
}

/** @param {string} id */
function begin(id) {
  connect(id);
  void loadGround(id);
  startReplay();
  startAnnouncing();
  startKeys();
  listen();
  resume();
}

function App() {
  const [found, setFound] = useState(/** @type {any} */ (null));
  const [words, setWords] = useState("");
  useEffect(() => { void look(); }, []);
  async function look() {
    try {
      await honourLock();
      const session = await lookAtSession();
      if (session.state !== "live") return toSignIn();
      const [answer] = await Promise.all([call("GET", "/api/me"), openVault()]);
      const list = answer.incidents ?? [];
      mayAnywhere.value = answer.me.may ?? [];
      if (list.length && list.every((/** @type {any} */ one) => one.role === "display")) return location.replace("/wall");
      const asked = param("incident");
      const only = !param("list") && list.length === 1 ? list[0].id : "";
      watchSession(session, { asks: !asked && !only });
      if (asked || only) {
        if (!asked) setParams({ incident: only });
        begin(asked || only);
        setFound({ ...answer, open: true });
      } else setFound(answer);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return toSignIn();
      setWords(/** @type {Error} */ (error).message);
      setTimeout(look, 2000 + Math.random() * 3000);
    }
    return undefined;
  }
  if (!found) return html`<main class="page" id="main"><p class="empty" role="status">${words ? `${words}. Trying again.` : "One moment…"}</p></main>`;
  return found.open ? html`<${Screen} />` : html`<${Incidents} me=${found.me} list=${found.incidents ?? []} />`;
}

const root = /** @type {Element} */ (document.getElementById("app"));
root.replaceChildren();
render(html`<${App} />`, root);
