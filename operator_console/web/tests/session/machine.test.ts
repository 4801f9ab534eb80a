import { describe, expect, test, vi } from "vitest";

import { BadTransition } from "../../src/protocol/errors.ts";
import { ConsoleRun } from "../../src/protocol/pairing.ts";
import { SessionMachine } from "../../src/session/machine.ts";
import { type Event, State } from "../../src/session/states.ts";
import { Customer, random, REQUEST, SESSION, UTC, WELCOME } from "./customer.ts";

const does = (commands: readonly { do: string }[]) => commands.map((command) => command.do);
const ended: Event = {
  type: "ended", session_id: SESSION, reason: "customer", connected_s: 61, utc: UTC, seq: 9, head: "", sig: "",
};

describe("from the request to the live session", () => {
  test("only the server's part of the password is ever said", () => {
    const customer = new Customer();
    customer.live();
    expect(customer.last("pair_request").server_part).toBe(REQUEST.serverPart);
    expect(JSON.stringify(customer.sent)).not.toContain(REQUEST.agentPart);
  });

  test("every step leads to the next", () => {
    const customer = new Customer();
    expect(customer.state).toBe(State.CALLING);
    customer.live();
    expect(customer.state).toBe(State.LIVE);
    expect(customer.machine.snapshot.granted).toEqual(new Set(["view", "control"]));
    expect(customer.machine.snapshot.offer?.service).toBe(REQUEST.service);
  });

  test("nothing is live before the customer's consent", () => {
    const customer = new Customer();
    customer.connected();
    expect(customer.state).toBe(State.CONSENT);
    expect(customer.machine.snapshot.granted.size).toBe(0);
  });

  test("a permission is taken back and given again", () => {
    const customer = new Customer();
    customer.live();
    customer.happen({ type: "permission", message: { t: "permission", name: "control", on: false } });
    expect(customer.machine.snapshot.granted).toEqual(new Set(["view"]));
    customer.happen({ type: "permission", message: { t: "permission", name: "control", on: true } });
    expect(customer.machine.snapshot.granted).toEqual(new Set(["view", "control"]));
  });
});

describe("no session comes about", () => {
  test("the broker denies", () => {
    const customer = new Customer();
    customer.happen(WELCOME);
    customer.happen({ type: "pair_denied", request_id: customer.last("pair_request").request_id, reason: "expired", why: "" });
    expect(customer.ending).toEqual({ kind: "denied", reason: "expired", why: "" });
  });

  test("another offer than was asked for is never answered with a share", () => {
    const customer = new Customer();
    customer.happen(WELCOME);
    customer.happen(customer.offer({ operator_name: "Mallory" }));
    expect(customer.ending).toEqual({ kind: "pairing", reason: "offer_operator" });
    expect(customer.sent.map((message) => message.type)).toEqual(["pair_request", "pair_abort"]);
  });

  test("another password: the agent says so, and the console has no key", () => {
    const customer = new Customer("AAAAA");
    expect(() => customer.paired()).toThrow(expect.objectContaining({ reason: "wrong_tag" }));
    customer.happen({ type: "pair_abort", session_id: SESSION, reason: "wrong_tag" });
    expect(customer.ending).toEqual({ kind: "pairing", reason: "wrong_tag" });
    expect(does(customer.commands)).not.toContain("keep_keys");
  });

  test("a wrong tag of the agent's ends with a warning", () => {
    const customer = new Customer();
    customer.exchanged();
    customer.happen({ type: "confirm_b", session_id: SESSION, tb: "A".repeat(86) });
    expect(customer.ending).toEqual({ kind: "pairing", reason: "wrong_tag" });
    expect(customer.last("pair_abort").reason).toBe("wrong_tag");
  });

  test("an agent that says nothing", () => {
    const customer = new Customer();
    customer.offered();
    customer.happen({ type: "timed_out", timer: "pairing" });
    expect(customer.ending).toEqual({ kind: "failure", reason: "pairing_timeout" });
  });

  test("whatever ends a run wipes its secrets", () => {
    const wiped = vi.spyOn(ConsoleRun.prototype, "abandon");
    const ends: Event[] = [
      { type: "timed_out", timer: "pairing" },
      { type: "pair_abort", session_id: SESSION, reason: "agent_lost" },
      { type: "control_lost", reason: "broker_unreachable", final: false },
      { type: "end_asked" },
    ];
    for (const [at, end] of ends.entries()) {
      const customer = new Customer();
      customer.exchanged();
      customer.happen(end);
      expect(customer.state).toBe(State.ENDED);
      expect(wiped).toHaveBeenCalledTimes(at + 1);
    }
    wiped.mockRestore();
  });

  test("a service of another version", () => {
    const customer = new Customer();
    customer.happen({ ...WELCOME, versions: ["2"] });
    expect(customer.ending).toEqual({ kind: "failure", reason: "version" });
    expect(customer.sent).toEqual([]);
  });

  test("the service is lost while pairing", () => {
    const customer = new Customer();
    customer.offered();
    customer.happen({ type: "control_lost", reason: "no_network", final: false });
    expect(customer.ending).toEqual({ kind: "failure", reason: "no_network" });
  });

  test("the customer refuses", () => {
    const customer = new Customer();
    customer.connected();
    customer.happen({ type: "refusal", message: { t: "refusal", reason: "refused" } });
    expect(customer.ending).toEqual({ kind: "ended", reason: "refused" });
  });

  test.each([
    ["another key", (customer: Customer) => customer.grant(["view"], { secret: random(32) })],
    ["another offer", (customer: Customer) => customer.grant(["view"], { offer: random(32) })],
    ["more than the receipt says", (customer: Customer) => ({ ...customer.grant(["view"]), granted: ["view", "control"] as const })],
  ])("a consent with %s is no consent", (_what, grant) => {
    const customer = new Customer();
    customer.connected();
    customer.happen({ type: "grant", message: grant(customer) });
    expect(customer.ending).toEqual({ kind: "ended", reason: "integrity" });
    expect(customer.machine.snapshot.granted.size).toBe(0);
  });
});

describe("loss and resumption", () => {
  test("a cut line: the broker is told, another is asked for, the grants stand", () => {
    const customer = new Customer();
    customer.live();
    customer.happen({ type: "line_lost", why: "cut" });
    expect(customer.state).toBe(State.PAUSED);
    expect(customer.last("channel_down").g).toBe(1);
    customer.happen({ type: "timed_out", timer: "retry" });
    expect(customer.last("resume_request").last_g).toBe(1);
    customer.happen(customer.ticket(2));
    customer.happen({ type: "line_ready", granted: ["view"] });
    expect(customer.state).toBe(State.LIVE);
    expect(customer.machine.snapshot.granted).toEqual(new Set(["view"]));
  });

  test("a generation is used once", () => {
    const customer = new Customer();
    customer.live();
    customer.happen({ type: "line_lost", why: "cut" });
    expect(() => customer.happen(customer.ticket(1))).toThrow(BadTransition);
    customer.happen(customer.ticket(3));
    customer.happen({ type: "line_lost", why: "cut" });
    expect(() => customer.happen(customer.ticket(2))).toThrow(BadTransition);
  });

  test("another session's ticket is refused", () => {
    const customer = new Customer();
    customer.live();
    expect(() => customer.happen({ ...customer.ticket(2), session_id: "B".repeat(22) })).toThrow(BadTransition);
  });

  test("the agent's loss, of which this end knows nothing yet", () => {
    const customer = new Customer();
    customer.live();
    const commands = customer.happen(customer.ticket(2));
    expect(does(commands)).toContain("close_line");
    expect(commands).toContainEqual({ do: "start_timer", timer: "pause", seconds: expect.any(Number) as number });
    expect(customer.state).toBe(State.JOINING);
  });

  test("the broker's loss alone changes nothing but that it is called again", () => {
    const customer = new Customer();
    customer.live();
    expect(does(customer.happen({ type: "control_lost", reason: "broker_unreachable", final: false }))).toEqual(["call_broker"]);
    expect(customer.state).toBe(State.LIVE);
    expect(does(customer.happen(WELCOME))).toEqual([]);
  });

  test("no line for a minute", () => {
    const customer = new Customer();
    customer.live();
    customer.happen({ type: "line_lost", why: "cut" });
    customer.happen({ type: "timed_out", timer: "pause" });
    expect(customer.ending).toEqual({ kind: "ended", reason: "line_lost" });
  });

  test("a relay that was never reached is named", () => {
    const customer = new Customer();
    customer.paired();
    customer.happen(customer.ticket(1));
    customer.happen({ type: "line_lost", why: "unreachable" });
    customer.happen({ type: "timed_out", timer: "pause" });
    expect(customer.ending).toEqual({ kind: "failure", reason: "relay_unreachable" });
  });

  test("a reloaded tab asks for a line and is live again", () => {
    const before = new Customer();
    before.live();
    const machine = new SessionMachine(structuredClone(before.machine.resumable!), random);
    expect(does(machine.begin())).toEqual(["start_timer", "call_broker"]);
    expect(machine.handle(WELCOME)[0]).toEqual({
      do: "send", message: { type: "resume_request", session_id: SESSION, last_g: 1 },
    });
    machine.handle(before.ticket(2));
    machine.handle({ type: "line_ready", granted: ["view", "control"] });
    expect(machine.snapshot.state).toBe(State.LIVE);
  });

  test("a reloaded tab whose session is over learns it", () => {
    const before = new Customer();
    before.live();
    const machine = new SessionMachine(before.machine.resumable!, random);
    machine.handle(WELCOME);
    machine.handle({ type: "resume_denied", session_id: SESSION, reason: "ended" });
    expect(machine.snapshot.state).toBe(State.ENDED);
  });

  test("what is kept for a reload holds no key and no password", () => {
    const customer = new Customer();
    customer.live();
    const kept = JSON.stringify(customer.machine.resumable);
    expect(kept).not.toContain(REQUEST.agentPart);
    expect(kept).not.toContain("resumeKey");
  });
});

describe("the end", () => {
  test("the technician: the customer hears it over the line, then the broker, and all is forgotten", () => {
    const customer = new Customer();
    customer.live();
    const commands = customer.happen({ type: "end_asked" });
    expect(does(commands)).toEqual(["send_inner", "close_line", "send_last", "close_line", "forget"]);
    expect(customer.last("end_request").session_id).toBe(SESSION);
    expect(customer.machine.resumable).toBeUndefined();
  });

  test("the customer, over the line; the broker's figure comes after it", () => {
    const customer = new Customer();
    customer.live();
    customer.happen({ type: "goodbye", message: { t: "end", reason: "customer" } });
    expect(customer.machine.snapshot.connectedSeconds).toBeUndefined();
    customer.happen(ended);
    expect(customer.machine.snapshot).toMatchObject({ ending: { kind: "ended", reason: "customer" }, connectedSeconds: 61 });
  });

  test("a broken record ends it at once", () => {
    const customer = new Customer();
    customer.live();
    customer.happen({ type: "line_lost", why: "integrity" });
    expect(customer.ending).toEqual({ kind: "ended", reason: "integrity" });
  });

  test("signed out elsewhere", () => {
    const customer = new Customer();
    customer.live();
    customer.happen({ type: "control_lost", reason: "signed_out", final: true });
    expect(customer.ending).toEqual({ kind: "failure", reason: "signed_out" });
  });

  test("after the end nothing changes any more", () => {
    const customer = new Customer();
    customer.live();
    customer.happen(ended);
    const { snapshot } = customer.machine;
    for (const event of [customer.ticket(2), { type: "line_ready", granted: ["view"] }, { type: "end_asked" }] as Event[]) {
      expect(customer.happen(event)).toEqual([]);
    }
    expect(customer.machine.snapshot).toEqual(snapshot);
  });

  test("what no honest service sends ends it as such", () => {
    const customer = new Customer();
    customer.live();
    let commands: { do: string }[] = [];
    try {
      customer.happen(customer.offer());
    } catch (error) {
      expect(error).toBeInstanceOf(BadTransition);
      commands = customer.machine.fail(error);
    }
    expect(customer.ending).toEqual({ kind: "failure", reason: "protocol" });
    expect(does(commands)).toContain("forget");
  });
});
