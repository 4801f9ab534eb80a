/** One figure of the dashboard: its heading, its chart, and beneath it the same as a table with links. */
import type { ComponentChildren } from "preact";

import { t } from "../../i18n/index.ts";

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** Below the column; figures stand to the right. */
  readonly sum?: ComponentChildren;
  readonly figure?: boolean;
}

interface Props<Row> {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly columns: readonly Column<Row>[];
  readonly children: ComponentChildren;
  readonly wide?: boolean;
}

export function Part<Row>({ title, rows, keyOf, columns, children, wide = false }: Props<Row>) {
  return (
    <section class={wide ? "wide" : ""}>
      <h2>{title}</h2>
      {rows.length === 0 ? <p>{t("Nothing in this time.")}</p> : (
        <>
          {children}
          <details>
            <summary>{t("The same as a table")}</summary>
            <div class="overflow-auto" tabIndex={0} role="region" aria-label={title}>
              <table class="striped">
                <thead>
                  <tr>{columns.map((one) => <th key={one.title} scope="col" class={one.figure ? "figure" : ""}>{one.title}</th>)}</tr>
                </thead>
                <tbody>
                  {rows.map((row) => (
                    <tr key={keyOf(row)}>{columns.map((one) => <td key={one.title} class={one.figure ? "figure" : ""}>{one.cell(row)}</td>)}</tr>
                  ))}
                </tbody>
                {columns.some((one) => one.sum !== undefined) && (
                  <tfoot>
                    <tr>{columns.map((one, n) => n === 0 ? <th key={one.title} scope="row">{one.sum}</th> : <td key={one.title} class="figure">{one.sum}</td>)}</tr>
                  </tfoot>
                )}
              </table>
            </div>
          </details>
        </>
      )}
    </section>
  );
}
