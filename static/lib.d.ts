/** What the checker knows of lib.js; the browser never reads it. Kept by hand: the vendored files come without types. */
export interface Signal<T> { value: T; peek(): T; subscribe(take: (value: T) => void): () => void }
export interface ReadonlySignal<T> { readonly value: T; peek(): T; subscribe(take: (value: T) => void): () => void }
export interface Ref<T> { current: T }
type Done = void | (() => void) | undefined;
export function html(strings: TemplateStringsArray, ...values: unknown[]): any;
export function h(type: unknown, props?: unknown, ...children: unknown[]): any;
export function render(node: unknown, into: Element): void;
export const Fragment: unknown;
export function signal<T>(value: T): Signal<T>;
export function computed<T>(make: () => T): ReadonlySignal<T>;
export function effect(run: () => Done): () => void;
export function batch<T>(run: () => T): T;
export function untracked<T>(run: () => T): T;
export function useSignal<T>(value: T): Signal<T>;
export function useComputed<T>(make: () => T): ReadonlySignal<T>;
export function useEffect(run: () => Done, inputs?: readonly unknown[]): void;
export function useLayoutEffect(run: () => Done, inputs?: readonly unknown[]): void;
export function useMemo<T>(make: () => T, inputs?: readonly unknown[]): T;
export function useRef<T>(value: T): Ref<T>;
export function useState<T>(value: T | (() => T)): [T, (value: T | ((old: T) => T)) => void];
