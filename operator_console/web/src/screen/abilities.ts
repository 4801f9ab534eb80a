/** What this browser can do for the screen: read pictures beside the page, and decode moving ones. */
import type { VideoCodec } from "./talk.ts";
import { configuration } from "./video.ts";

/** What stands for a codec when a browser is asked: the best first, which is the one that costs least to decode. */
const PROFILES: Readonly<Record<VideoCodec, readonly string[]>> = {
  // Constrained baseline and high, level 4.2: 1920 × 1080, 60 a second.
  h264: ["avc1.42E02A", "avc1.64002A"],
  vp9: ["vp09.00.41.08"],
};

/** Whether pictures are read in a worker; otherwise on the page. */
export function readsBeside(): boolean {
  return typeof Worker !== "undefined";
}

let known: Promise<readonly VideoCodec[]> | undefined;

/** The moving pictures that can be drawn here, the best first. */
export function decodes(): Promise<readonly VideoCodec[]> {
  known ??= ask();
  return known;
}

async function ask(): Promise<readonly VideoCodec[]> {
  if (typeof VideoDecoder === "undefined") return [];
  const codecs = Object.keys(PROFILES) as VideoCodec[];
  const able = await Promise.all(codecs.map(async (codec) => (await Promise.all(PROFILES[codec].map(supported))).every(Boolean)));
  return codecs.filter((_, n) => able[n]);
}

async function supported(profile: string): Promise<boolean> {
  try {
    return (await VideoDecoder.isConfigSupported(configuration(profile))).supported === true;
  } catch {
    return false;
  }
}
