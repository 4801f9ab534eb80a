/**
 * Bars drawn by uPlot: upright for days, lying for names. A click opens what stands behind a bar. The drawing is for
 * eyes and pointers; the table beneath it, which the caller gives, says the same to everybody else.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import { shortened } from "./labels.ts";

export interface Bar {
  readonly label: string;
  /** Its length; only drawn, never shown as a number. */
  readonly value: number;
  /** What it says, in words. */
  readonly text: string;
  readonly href: string;
}

interface Props {
  readonly label: string;
  readonly bars: readonly Bar[];
  readonly lying?: boolean;
  /** What the axis of values says of a value. */
  readonly scale: (value: number) => string;
}

const UPRIGHT = 200;
const ROW = 30;
const AXES = 46;

export function Bars({ label, bars, lying = false, scale }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<number | null>(null);
  const shown = at === null ? undefined : bars[at];
  // What is drawn, so that another sentence or figure draws it anew and nothing else does.
  const drawn = JSON.stringify([bars, label]);

  useEffect(() => {
    const element = place.current;
    if (element === null || bars.length === 0) return;
    let plot: uPlot | null = null;
    const draw = () => {
      plot?.destroy();
      const width = Math.max(200, element.clientWidth);
      plot = new uPlot(options({ width, bars, lying, scale, point: setAt }), [bars.map((_, n) => n), bars.map((bar) => bar.value)], element);
      plot.over.addEventListener("click", () => {
        const bar = plot?.cursor.idx == null ? undefined : bars[plot.cursor.idx];
        if (bar) location.hash = bar.href;
      });
    };
    const size = new ResizeObserver(draw);
    size.observe(element); // It tells the first size, too.
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", draw);
    return () => {
      size.disconnect();
      dark.removeEventListener("change", draw);
      plot?.destroy();
    };
  }, [drawn, lying]);

  return (
    <div class="chart">
      <div ref={place} role="img" aria-label={label} class="bars" style={{ minHeight: `${height(bars.length, lying)}px` }} />
      <p class="pointed" aria-hidden="true">{shown ? `${shown.label}: ${shown.text}` : "\u00a0"}</p>
    </div>
  );
}

function height(count: number, lying: boolean): number {
  return lying ? count * ROW + AXES : UPRIGHT;
}

interface Drawing {
  readonly width: number;
  readonly bars: readonly Bar[];
  readonly lying: boolean;
  readonly scale: (value: number) => string;
  readonly point: (index: number | null) => void;
}

function options({ width, bars, lying, scale, point }: Drawing): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const [ink, line, fill] = [colour("--pico-color"), colour("--pico-muted-border-color"), colour("--relevo-accent")];
  const font = "12px system-ui, sans-serif";
  const across = lying ? Math.min(width > 700 ? 260 : 180, Math.round(width * 0.38)) : 34;
  const every = lying ? 1 : Math.ceil(bars.length / Math.max(1, Math.floor(width / 64)));
  const names: uPlot.Axis = {
    scale: "x", side: lying ? 3 : 2, size: across, font, stroke: ink, grid: { show: false }, ticks: { show: false }, gap: 6,
    splits: () => bars.flatMap((_, n) => (n % every === 0 ? [n] : [])),
    values: (_, at) => at.map((n) => shortened(bars[n]?.label ?? "", lying ? Math.floor(across / 7) : 12)),
  };
  const values: uPlot.Axis = {
    scale: "y", side: lying ? 2 : 3, size: lying ? 34 : 56, font, stroke: ink, grid: { stroke: line, width: 1 }, ticks: { show: false },
    space: lying ? 80 : 36, values: (_, at) => at.map(scale), incrs: INCREMENTS,
  };
  const paths = uPlot.paths.bars?.({ size: [0.7, 40] });
  return {
    width, height: height(bars.length, lying), padding: [8, 16, 0, 0], legend: { show: false },
    cursor: { x: false, y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: {
      x: { time: false, ori: lying ? 1 : 0, dir: lying ? -1 : 1, range: () => [-0.5, bars.length - 0.5] },
      y: { ori: lying ? 0 : 1, dir: 1, range: (_, __, most) => [0, most > 0 ? most * 1.05 : 1] },
    },
    axes: [names, values],
    series: [{}, { fill, stroke: fill, width: 0, points: { show: false }, ...(paths ? { paths } : {}) }],
    hooks: { setCursor: [(plot) => point(plot.cursor.idx ?? null)] },
  };
}

/** Whole steps only: half a session is nothing. */
const INCREMENTS = [1, 2, 5].flatMap((step) => Array.from({ length: 12 }, (_, power) => step * 10 ** power)).sort((a, b) => a - b);
