/** Support hours drawn as a week, a row for each day, with the same in words for who can't see it. */
import type { HoursWindow } from "../../api/policy.ts";
import { language, t } from "../../i18n/index.ts";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const HOURS = [0, 6, 12, 18, 24];
const ROW = 22;
const LEFT = 60;
const WIDTH = 600;

export function WeekGrid({ windows }: { windows: readonly HoursWindow[] }) {
  const x = (hours: number) => LEFT + (hours / 24) * WIDTH;
  return (
    <figure class="week">
      <svg viewBox={`0 0 ${LEFT + WIDTH + 20} ${ROW * 8}`} role="img" aria-label={t("Support hours")}>
        {HOURS.map((hour) => <text key={hour} x={x(hour)} y={14} text-anchor="middle">{`${hour}:00`}</text>)}
        {DAYS.map((name, row) => (
          <g key={name}>
            <text x={0} y={ROW * (row + 1) + 16}>{dayName(row)}</text>
            <rect class="closed" x={x(0)} y={ROW * (row + 1) + 2} width={WIDTH} height={ROW - 4} />
            {windows.filter((one) => daysOf(one).includes(row)).map((one) => (
              <rect key={one.opens} class={one.extraordinary ? "extraordinary" : "regular"} x={x(hoursOf(one.opens))} y={ROW * (row + 1) + 2}
                width={x(hoursOf(one.closes)) - x(hoursOf(one.opens))} height={ROW - 4} />
            ))}
          </g>
        ))}
      </svg>
      <figcaption>
        <ul>
          {windows.map((one) => {
            const days = daysOf(one);
            const span = [...new Set([days[0] ?? 0, days.at(-1) ?? 0])].map(dayName).join("–");
            return (
              <li key={one.days + one.opens}>
                <i class={one.extraordinary ? "extraordinary" : "regular"} /> {span}, {one.opens}–{one.closes}
                {one.extraordinary && <>, {t("when someone is free")}</>}
                {one.weight !== "1" && <>, {t("an hour counts as {weight}", { weight: one.weight })}</>}
              </li>
            );
          })}
        </ul>
      </figcaption>
    </figure>
  );
}

/** The rows of `mon-fri`: 0 to 4. */
function daysOf({ days }: HoursWindow): readonly number[] {
  const [first = "", last = first] = days.split("-");
  return DAYS.map((_, row) => row).filter((row) => row >= DAYS.indexOf(first) && row <= DAYS.indexOf(last));
}

function hoursOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(":").map(Number);
  return hours + minutes / 60;
}

/** Monday is 0, as the first of January 2024 was. */
function dayName(row: number): string {
  return new Intl.DateTimeFormat(language.value, { weekday: "short", timeZone: "UTC" }).format(new Date(Date.UTC(2024, 0, 1 + row)));
}
