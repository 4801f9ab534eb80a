import { afterEach, beforeEach, expect, test, vi } from "vitest";

beforeEach(() => void vi.resetModules());
afterEach(() => void vi.unstubAllGlobals());

/** What is offered in a browser that answers so. */
async function offered(isConfigSupported: (config: VideoDecoderConfig) => Promise<{ supported: boolean }>) {
  vi.stubGlobal("Worker", class {});
  vi.stubGlobal("VideoDecoder", { isConfigSupported });
  const { decodes } = await import("../src/screen/abilities.ts");
  return decodes();
}

test("what the browser says that it decodes is offered, the cheapest first", async () => {
  expect(await offered(async () => ({ supported: true }))).toEqual(["h264", "vp9"]);
  vi.resetModules();
  expect(await offered(async ({ codec }) => ({ supported: codec.startsWith("vp09") }))).toEqual(["vp9"]);
});

test("what the browser cannot say that it decodes is not offered", async () => {
  expect(await offered(() => Promise.reject(new TypeError("It does not know this codec")))).toEqual([]);
});
