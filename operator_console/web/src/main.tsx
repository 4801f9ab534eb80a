/** Entry of the web console: mounts the shell. It must never write markup from text (Trusted Types are enforced). */
import { render } from "preact";

import "@picocss/pico/css/pico.min.css";
import "./app/app.css";
import { App } from "./app/App.tsx";
import { forgetStale } from "./session/index.ts";

const root = document.getElementById("app");
if (root) render(<App />, root);

void forgetStale();
