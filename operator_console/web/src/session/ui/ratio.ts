/** How many pixels of the monitor a page's pixel has, watched: on another monitor it changes, and nothing is resized. */

/** Until the result is called. */
export function watchRatio(changed: () => void): () => void {
  const stop = new AbortController();
  // A query knows one ratio: whether it is still that one.
  const arm = () => matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", again, { once: true, signal: stop.signal });
  const again = () => {
    arm();
    changed();
  };
  arm();
  return () => stop.abort();
}
