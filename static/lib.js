/** The few library names that the dashboard uses, in one place. Everything is vendored; see vendor/vendor.lock.json. */
import { Fragment, h, render } from "./vendor/preact/preact.js";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "./vendor/preact/hooks.js";
import { batch, computed, effect, signal, untracked, useComputed, useSignal } from "./vendor/signals/signals.js";
import htm from "./vendor/htm/htm.js";

/** Tagged template to virtual nodes. Values become text nodes and properties, never markup. */
export const html = htm.bind(h);
export {
  Fragment, batch, computed, effect, h, render, signal, untracked, useComputed, useEffect, useLayoutEffect, useMemo, useRef,
  useSignal, useState,
};
