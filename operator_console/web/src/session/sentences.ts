/** The one place that puts a session's states and endings into words: what happened, and what to do about it. */
import { t } from "../i18n/index.ts";
import type { InvalidCode } from "../protocol/errors.ts";
import type { DenialReason, Ending, EndReason, FailureWord } from "./ending.ts";
import type { State } from "./states.ts";

export { t };

export interface Sentence {
  readonly what: string;
  /** What to do; empty when there is nothing. */
  readonly advice: string;
}

export function endingSentence(ending: Ending): Sentence {
  switch (ending.kind) {
    case "ended":
      return endedSentence(ending.reason);
    case "denied":
      return deniedSentence(ending.reason, ending.why);
    case "pairing":
      return pairingSentence(ending.reason);
    case "failure":
      return failureSentence(ending.reason);
    default:
      return assertNever(ending);
  }
}

/** What is being waited for. */
export function stateSentence(state: State): string {
  switch (state) {
    case "calling":
      return t("Calling the service …");
    case "requesting":
      return t("Asking for the customer's computer …");
    case "exchanging":
    case "confirming":
      return t("Checking the password with the customer's computer …");
    case "paired":
    case "joining":
      return t("The password is right. Building the encrypted channel …");
    case "consent":
      return t("Waiting for the customer to agree …");
    case "live":
      return t("Connected");
    case "paused":
      return t("The line was lost. Connecting again …");
    case "ended":
      return t("The session has ended");
    default:
      return assertNever(state);
  }
}

export function codeSentence({ what, expected, symbol }: InvalidCode): string {
  if (what === "id") {
    return symbol === undefined
      ? t("The ID has {n} digits.", { n: expected })
      : t("The ID has digits only, no “{symbol}”.", { symbol });
  }
  return symbol === undefined
    ? t("The password has {n} symbols.", { n: expected })
    : t("No password has the symbol “{symbol}”. Ask the customer to spell it.", { symbol });
}

function endedSentence(reason: EndReason): Sentence {
  const again = t("For another session the customer reads out the new ID and password.");
  switch (reason) {
    case "customer":
      return { what: t("The customer disconnected."), advice: again };
    case "technician":
      return { what: t("You ended the session."), advice: again };
    case "inactivity":
      return { what: t("The session ended because nothing happened for too long."), advice: again };
    case "integrity":
      return {
        what: t("The session was ended for safety: something on the line was changed or is not what it should be."),
        advice: t("If it happens again, tell your administrator: somebody may be interfering."),
      };
    case "line_lost":
      return { what: t("The line was lost and did not come back in time."), advice: again };
    case "broker_lost":
      return { what: t("The customer's computer lost the service for too long."), advice: again };
    case "refused":
      return { what: t("The customer did not agree."), advice: t("Talk to the customer before you ask again.") };
    case "consent_timeout":
      return { what: t("The customer did not answer in time."), advice: again };
    case "receipt_timeout":
      return { what: t("The service did not record the customer's consent in time."), advice: t("Try again. If it goes on, tell your administrator.") };
    case "agent_closed":
      return { what: t("The customer closed the program."), advice: again };
    case "screen_locked":
      return { what: t("The customer's screen was locked."), advice: again };
    case "sleep":
      return { what: t("The customer's computer went to sleep."), advice: again };
    case "limit":
      return { what: t("The customer's limit was reached, and they did not say to go on."), advice: again };
    case "operator_disabled":
      return { what: t("Your account was disabled."), advice: t("Ask your administrator.") };
    case "signed_out":
      return { what: t("You signed out, so the session was ended."), advice: "" };
    case "pairing_failed":
      return { what: t("The pairing failed."), advice: again };
    case "no_end_message":
      return { what: t("The session is over; the customer's computer did not say why."), advice: again };
    default:
      return assertNever(reason);
  }
}

function deniedSentence(reason: DenialReason, why: string): Sentence {
  switch (reason) {
    case "denied":
      return {
        what: t("Denied: this ID and password open nothing."),
        advice: t("Check both with the customer. After three wrong attempts the customer needs a new password."),
      };
    case "expired":
      return { what: t("This password has expired."), advice: t("The customer's window shows a new one.") };
    case "busy":
      return { what: t("The customer's computer is in a session already."), advice: t("Wait until it ends.") };
    case "policy":
      return { what: t("Your organisation's rules do not allow this session."), advice: t("Ask your administrator.") };
    case "agent_silent":
      return { what: t("The customer's computer does not answer."), advice: t("Ask whether its window says that it is ready.") };
    case "version":
      return { what: t("The customer's program or this page is too old."), advice: t("Reload this page; the customer downloads the program again.") };
    case "not_served":
      return { what: why, advice: t("The customer has been told. The password stays good.") };
    case "unknown_record":
      return { what: t("The customer, order or ticket is not known, or they do not belong together."), advice: t("Choose them again.") };
    case "unknown_service":
      return { what: t("Your organisation does not offer this service."), advice: t("Choose another one.") };
    default:
      return assertNever(reason);
  }
}

function pairingSentence(reason: string): Sentence {
  const again = t("The customer's window shows a new password. Ask for it and try again.");
  if (reason === "wrong_tag") return { what: t("The password is wrong, or somebody on the way changed something."), advice: again };
  if (reason.startsWith("offer_")) {
    return {
      what: t("The service offered something else than you asked for, so nothing was connected."),
      advice: t("Try again. If it happens again, tell your administrator: somebody may be interfering."),
    };
  }
  return { what: t("The pairing was stopped for safety."), advice: again };
}

function failureSentence(reason: FailureWord): Sentence {
  switch (reason) {
    case "no_network":
      return { what: t("This computer has no network."), advice: t("Check the cable or the wireless connection.") };
    case "broker_unreachable":
      return {
        what: t("The service does not answer."),
        advice: t("The Internet seems to work. A firewall, a proxy or the name service may be in the way, or the service is down."),
      };
    case "sockets_blocked":
      return {
        what: t("The service answers, but a lasting connection to it is not possible."),
        advice: t("A proxy or firewall on your side probably blocks WebSocket connections."),
      };
    case "relay_unreachable":
      return {
        what: t("The data connection through the relay could not be made."),
        advice: t("A firewall or proxy at one of the two ends may block it."),
      };
    case "signed_out":
      return { what: t("You are not signed in any more."), advice: t("Sign in and try again.") };
    case "disabled":
      return { what: t("Your account was disabled."), advice: t("Ask your administrator.") };
    case "forbidden":
      return { what: t("Your account may not start sessions from here."), advice: t("Ask your administrator.") };
    case "replaced":
      return { what: t("This session went on in another place with your account."), advice: "" };
    case "version":
      return { what: t("This page and the service speak different versions."), advice: t("Reload this page.") };
    case "too_many":
      return { what: t("The service has too many connections now."), advice: t("Try again in a minute.") };
    case "broker_failed":
      return { what: t("The service failed."), advice: t("Try again. If it goes on, tell your administrator.") };
    case "protocol":
      return {
        what: t("The service sent something that makes no sense, so the session was ended for safety."),
        advice: t("Reload this page. If it goes on, tell your administrator."),
      };
    case "pairing_timeout":
      return { what: t("The pairing took too long."), advice: t("The customer's window shows a new password. Ask for it and try again.") };
    default:
      return assertNever(reason);
  }
}

function assertNever(value: never): never {
  throw new Error(`Nothing is said about ${JSON.stringify(value)}`);
}
