/**
 * The meter of the toolbar: time and cost, and how the line does. What each figure is can be seen under the pointer and
 * under the keyboard's focus, and is read out with it.
 */
import { useState } from "preact/hooks";

import { useStore } from "../../app/store.ts";
import { number } from "../../i18n/index.ts";
import type { Making } from "../../screen/talk.ts";
import { costWords, elapsedWords } from "../price.ts";
import type { LiveSession } from "../runner.ts";
import { t } from "../sentences.ts";

interface Figure {
  readonly name: string;
  readonly value: string;
  /** What stands for the value in the toolbar, where it is too long for it. */
  readonly short?: string;
  readonly kind?: string;
}

export function Readings({ session, expectedMinutes }: { session: LiveSession; expectedMinutes: number }) {
  const { roundTripMs, kbitPerSecond, framesPerSecond, makings } = useStore(session.reading);
  const cost = useStore(session.cost);
  const [folded, setFolded] = useState(false);
  const figures: Figure[] = [
    ...(cost ? [{ name: t("Connected so far"), value: elapsedWords(cost, expectedMinutes) }] : []),
    ...(cost ? [{ name: t("Cost so far, before tax"), value: costWords(cost), kind: "cost" }] : []),
    { name: t("Round trip through the encrypted channel"), value: `${roundTripMs === undefined ? "–" : number(Math.round(roundTripMs))} ms` },
    { name: t("Data coming in"), value: `${number(Math.round(kbitPerSecond))} kbit/s`, kind: "rate" },
    { name: t("Pictures per second"), value: `${number(Math.round(framesPerSecond))} fps` },
    {
      name: t("What is being sent"),
      value: makings.map(makingWords).join(" + ") || "–",
      short: makings.map(makingWord).join(" + "),
      kind: "making",
    },
  ];
  return (
    <ul class={folded ? "meter folded" : "meter"} aria-label={t("How the line does")} tabIndex={0}
      onKeyDown={({ key }) => key === "Escape" && setFolded(true)} onBlur={() => setFolded(false)} onPointerLeave={() => setFolded(false)}>
      {figures.map(({ name, value, short, kind }) => (
        <li key={name} class={kind}>
          <span class="hidden">{name}: {short !== undefined && value}</span>
          <span aria-hidden={short !== undefined}>{short ?? value}</span>
        </li>
      ))}
      <li class="legend" aria-hidden="true">
        {figures.map(({ name, value }) => <p key={name}><span>{name}</span><span>{value}</span></p>)}
      </li>
    </ul>
  );
}

function makingWords(making: Making): string {
  switch (making) {
    case "exact":
      return t("exact tiles");
    case "photo":
      return t("photo tiles");
    case "h264":
      return t("moving pictures ({codec})", { codec: "H.264" });
    case "vp9":
      return t("moving pictures ({codec})", { codec: "VP9" });
    default:
      return making satisfies never;
  }
}

function makingWord(making: Making): string {
  switch (making) {
    case "exact":
      return t("exact");
    case "photo":
      return t("photo");
    case "h264":
      return "H.264";
    case "vp9":
      return "VP9";
    default:
      return making satisfies never;
  }
}
